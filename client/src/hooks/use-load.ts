import { useCallback, useEffect, useRef, useState } from 'react';
import { type AppError, toAppError } from '../protocol.ts';

export type Loaded<T> =
  | { status: 'loading' }
  | { status: 'ready'; value: T; reload: () => Promise<void> }
  | { status: 'failed'; error: AppError; reload: () => Promise<void> };

/**
 * Loads something, and again after `againAfterMs` for as long as that answers a number. What was loaded stays
 * shown while the server cannot be reached, and with `keepsShown` while something else is loaded in its place. `load`
 * must keep its identity between renders.
 */
export function useLoad<T>(
  load: () => Promise<T>,
  againAfterMs?: (value: T) => number | null,
  { keepsShown = false }: { keepsShown?: boolean } = {},
): Loaded<T> {
  const [loaded, setLoaded] = useState<{ value: T } | { error: AppError } | null>(null);

  const wanted = useRef(load);

  const reload = useCallback(async () => {
    try {
      const value = await load();
      // What is wanted now may be something else, and have come first.
      if (wanted.current === load) setLoaded({ value });
    } catch (thrown) {
      const error = toAppError(thrown);
      if (wanted.current !== load) return;
      setLoaded(before =>
        before !== null && 'value' in before && error.retryable ? { ...before } : { error },
      );
    }
  }, [load]);

  useEffect(() => {
    wanted.current = load;
    if (!keepsShown) setLoaded(null);
    void reload();
  }, [load, reload, keepsShown]);

  useEffect(() => {
    if (loaded === null || !('value' in loaded)) return;
    const waitMs = againAfterMs?.(loaded.value) ?? null;
    if (waitMs === null) return;
    const timer = setTimeout(() => void reload(), waitMs);
    return () => clearTimeout(timer);
  }, [loaded, againAfterMs, reload]);

  if (loaded === null) return { status: 'loading' };
  return 'value' in loaded
    ? { status: 'ready', value: loaded.value, reload }
    : { status: 'failed', error: loaded.error, reload };
}
