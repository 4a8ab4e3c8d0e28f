import { Button, type ButtonProps } from './controls.tsx';
import { Icon, type IconName } from './icon.tsx';

export interface ControlProps extends ButtonProps {
  icon: IconName;
  text: string;
  /** Shown where there is no room for the text. */
  count?: number;
}

/** One of the room's controls: a sign, and the word for it. */
export function Control({ icon, text, look, count = 0, ...props }: ControlProps) {
  return (
    <Button look={look ?? 'plain'} {...props}>
      <Icon name={icon} />
      <span className="control-text">{text}</span>
      {count > 0 && (
        <span className="control-count" aria-hidden="true">
          {count}
        </span>
      )}
    </Button>
  );
}
