import type { FormEvent, ReactNode } from 'react';
import { Form } from 'react-aria-components/Form';
import { Button, type ButtonProps, Problem } from '../components/controls.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';

interface ActionFormProps {
  'aria-label'?: string;
  'aria-labelledby'?: string;
  /** It stands for itself, rather than in something. */
  isCard?: boolean;
  /** What its button says. */
  submit: string;
  look?: ButtonProps['look'];
  isDisabled?: boolean;
  onSubmit: () => Promise<void>;
  onCancel?: () => void;
  /** The fields. */
  children: ReactNode;
}

/** Fields, and a button that sends them off; why that failed stands above it. */
export function ActionForm({
  isCard = false,
  submit,
  look = 'primary',
  isDisabled = false,
  onSubmit,
  onCancel,
  children,
  ...labels
}: ActionFormProps) {
  const { isPending, problem, run } = useAction();
  const send = (event: FormEvent) => {
    event.preventDefault();
    void run(onSubmit);
  };
  return (
    <Form {...labels} className={isCard ? 'card stack' : 'stack'} onSubmit={send}>
      {children}
      <Problem text={problem} />
      <div className="row">
        <Button type="submit" look={look} isPending={isPending} isDisabled={isDisabled}>
          {submit}
        </Button>
        {onCancel !== undefined && (
          <Button look="quiet" onPress={onCancel}>
            {t('Cancel')}
          </Button>
        )}
      </div>
    </Form>
  );
}

/** A button that sets something off; why that failed stands behind it. */
export function ActionButton({ act, ...props }: Omit<ButtonProps, 'onPress'> & { act: () => Promise<void> }) {
  const { isPending, problem, run } = useAction();
  return (
    <>
      <Button {...props} isPending={isPending} onPress={() => void run(act)} />
      <Problem text={problem} />
    </>
  );
}
