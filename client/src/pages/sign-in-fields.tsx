import { Field, type FieldProps } from '../components/controls.tsx';
import { t } from '../i18n/t.ts';

interface MailFieldProps extends Omit<FieldProps, 'type' | 'isRequired' | 'problems'> {
  /** What to do where nothing was entered. */
  missing: string;
}

export const MailField = ({ missing, ...props }: MailFieldProps) => (
  <Field
    {...props}
    type="email"
    isRequired
    problems={{
      valueMissing: missing,
      typeMismatch: t('That is not a mail address. One looks like ada@example.org.'),
    }}
  />
);

interface CodeFieldProps extends Omit<FieldProps, 'isRequired' | 'problems' | 'pattern' | 'inputMode'> {
  onChange: (code: string) => void;
}

/** A code that was mailed. It may be pasted as "123 456", or with a whole sentence around it. */
export const CodeField = ({ onChange, ...props }: CodeFieldProps) => (
  <Field
    {...props}
    isRequired
    onChange={text => onChange(text.replace(/\D/g, '').slice(0, 6))}
    pattern="\d{6}"
    problems={{
      valueMissing: t('Enter the code from the message.'),
      patternMismatch: t('A code has six digits.'),
    }}
    inputMode="numeric"
  />
);
