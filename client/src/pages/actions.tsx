import { Button, type ButtonProps, Problem } from '../components/controls.tsx';
import { useAction } from '../hooks/use-action.ts';

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
