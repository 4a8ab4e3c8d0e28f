import { useEffect, useState } from 'react';
import type { ProgressInRoom } from '../studio/room-state.ts';
import { isStale, STALE_AFTER_MS } from '../studio/safety.ts';

/** Whether the recorder has been silent for too long since this, its newest word. */
export function useStale(progress: ProgressInRoom | null): boolean {
  const [stale, setStale] = useState<ProgressInRoom | null>(null);
  useEffect(() => {
    if (progress === null) return;
    const leftMs = progress.receivedAtMs + STALE_AFTER_MS - performance.now();
    const timer = setTimeout(() => setStale(progress), Math.max(0, leftMs));
    return () => clearTimeout(timer);
  }, [progress]);
  return progress !== null && (stale === progress || isStale(progress, performance.now()));
}
