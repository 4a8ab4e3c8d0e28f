import { useEffect, useState } from 'react';

/** This page's monotonic clock, ms, told again every `everyMs` while `isRunning`. */
export function useNow(isRunning: boolean, everyMs = 250): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    if (!isRunning) return;
    setNowMs(performance.now());
    const timer = setInterval(() => setNowMs(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [isRunning, everyMs]);
  return nowMs;
}
