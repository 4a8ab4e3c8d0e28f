import { useCallback, useState } from 'react';
import { told } from '../i18n/told.ts';
import { toAppError } from '../protocol.ts';

/** Something a person sets off: whether it is under way, and why it failed, in words. */
export interface Action {
  isPending: boolean;
  problem: string | null;
  run: (work: () => Promise<void>) => Promise<void>;
}

export function useAction(): Action {
  const [isPending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = useCallback(async (work: () => Promise<void>) => {
    setPending(true);
    setProblem(null);
    try {
      await work();
    } catch (thrown) {
      setProblem(told(toAppError(thrown).message));
    } finally {
      setPending(false);
    }
  }, []);
  return { isPending, problem, run };
}
