import { useRef, useState } from 'react';
import { t } from '../i18n/t.ts';
import { Button, Field } from './controls.tsx';

/** A secret that is shown this once, to be copied. */
export function CopyOnce({
  label,
  hint,
  secret,
  action = t('Copy'),
}: {
  label: string;
  hint: string;
  secret: string;
  action?: string;
}) {
  const [isCopied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(secret);
      setCopied(true);
    } catch {
      // Without leave to use the clipboard it stands selected, ready to be copied by hand.
      setCopied(false);
    }
  };
  return (
    <div className="copy-row">
      <Field
        label={label}
        isReadOnly
        value={secret}
        hint={hint}
        input={{ ref: input, onFocus: event => event.currentTarget.select() }}
      />
      <Button look="primary" onPress={() => void copy()}>
        {isCopied ? t('Copied') : action}
      </Button>
    </div>
  );
}
