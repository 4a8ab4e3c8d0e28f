import type { ReactNode } from 'react';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover, type PopoverProps } from 'react-aria-components/Popover';

export interface ActionMenuProps {
  /** What opens it. */
  button: ReactNode;
  placement: NonNullable<PopoverProps['placement']>;
  actions: readonly { text: string; run: () => void }[];
}

/** What can be done, one line each. */
export function ActionMenu({ button, placement, actions }: ActionMenuProps) {
  return (
    <MenuTrigger>
      {button}
      <Popover className="popover picker-list" placement={placement}>
        <Menu>
          {actions.map(({ text, run }) => (
            <MenuItem key={text} id={text} className="picker-option" onAction={run}>
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
