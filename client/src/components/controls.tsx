import type { ComponentProps, ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { Icon } from './icon.tsx';

/** The design system's controls: react-aria's behaviour under our own looks (styles/controls.css). */

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  look?: 'primary' | 'plain' | 'quiet' | 'danger' | 'record';
}

export function Button({ look = 'plain', ...props }: ButtonProps) {
  return <AriaButton {...props} className={`button button-${look}`} />;
}

export interface FieldProps extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
  label: string;
  hint?: string;
  input?: Omit<ComponentProps<typeof Input>, 'className' | 'style'>;
}

export function Field({ label, hint, input, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      <Input {...input} className="input" />
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error" />
    </TextField>
  );
}

/** Something the person should know: a problem is announced at once, the rest when there is a pause. */
export function Notice({ kind, children }: { kind: 'problem' | 'info' | 'good'; children: ReactNode }) {
  return (
    <div className={`notice notice-${kind}`} role={kind === 'problem' ? 'alert' : 'status'}>
      {kind === 'problem' && <Icon name="alert" />}
      <div>{children}</div>
    </div>
  );
}

export const Problem = ({ text }: { text: string | null }) =>
  text === null ? null : <Notice kind="problem">{text}</Notice>;
