import { Button as AriaButton } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import type { ViewChoice } from '../studio/view.ts';
import { Icon } from './icon.tsx';

export interface ViewControlProps {
  choice: ViewChoice;
  onHelp: () => void;
}

/** How the room looks, and what the keys do. */
export function ViewControl({ choice, onHelp }: ViewControlProps) {
  const { layout, showsYou } = useStore(choice.store);
  const actions = [
    layout === 'grid'
      ? { text: t('Show the speaker large'), run: () => choice.choose({ layout: 'speaker' }) }
      : { text: t('Show everybody alike'), run: () => choice.choose({ layout: 'grid' }) },
    showsYou
      ? { text: t('Hide yourself from your own view'), run: () => choice.choose({ showsYou: false }) }
      : { text: t('Show yourself'), run: () => choice.choose({ showsYou: true }) },
    { text: t('Keyboard shortcuts'), run: onHelp },
  ];
  return (
    <MenuTrigger>
      <AriaButton className="button button-plain">
        <Icon name="view" />
        <span className="control-text">{t('View')}</span>
      </AriaButton>
      <Popover className="popover picker-list" placement="top">
        <Menu onAction={key => actions.find(({ text }) => text === key)?.run()}>
          {actions.map(({ text }) => (
            <MenuItem key={text} id={text} className="picker-option">
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
