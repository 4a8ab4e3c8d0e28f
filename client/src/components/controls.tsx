import type { ComponentProps, FormEvent, ReactNode } from 'react';
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

/** What may be wrong with a value, and what to do about it; instead of the browser's own words. */
type FieldProblems = Partial<Record<'valueMissing' | 'typeMismatch' | 'patternMismatch', string>>;

export interface FieldProps extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
  label: string;
  hint?: string;
  problems?: FieldProblems;
  input?: Omit<ComponentProps<typeof Input>, 'className' | 'style'>;
}

/**
 * What is wrong goes as soon as it is mended. Were it left to the blur that a click on the button brings, the button
 * would move up from under the pointer, and the click would be lost.
 */
function checkAgain({ currentTarget: input }: FormEvent<HTMLInputElement>) {
  if (input.ariaInvalid === 'true') input.dispatchEvent(new Event('change', { bubbles: true }));
}

export function Field({ label, hint, input, problems = {}, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field">
      <Label>{label}</Label>
      <Input {...input} className="input" onInput={checkAgain} />
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="field-error">
        {({ validationDetails, validationErrors }) => {
          const kinds = ['valueMissing', 'typeMismatch', 'patternMismatch'] as const;
          const kind = kinds.find(each => validationDetails[each]);
          return (kind && problems[kind]) ?? validationErrors.join(' ');
        }}
      </FieldError>
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
