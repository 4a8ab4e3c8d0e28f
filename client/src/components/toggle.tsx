import { useId } from 'react';
import { Switch } from 'react-aria-components/Switch';

export interface ToggleProps {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

export function Toggle({ label, hint, isOn, onChange }: ToggleProps) {
  const hintId = useId();
  return (
    <Switch
      className="switch"
      isSelected={isOn}
      onChange={onChange}
      aria-describedby={hintId}
      aria-label={label}
    >
      <span className="switch-track" aria-hidden="true" />
      <span className="switch-text">
        <span>{label}</span>
        <span className="hint" id={hintId}>
          {hint}
        </span>
      </span>
    </Switch>
  );
}
