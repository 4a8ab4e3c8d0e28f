import { useEffect, useState } from 'react';

/** A value that follows once it has not changed for a while: what somebody types, when they pause. */
export function useLater<T>(value: T, afterMs: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return later;
}
