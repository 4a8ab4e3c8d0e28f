import { useLayoutEffect } from 'react';

/** The studio is dark whatever the system prefers; on the root, so that popovers are dark too. */
export function useDarkStudio(): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset['theme'] = 'studio';
    return () => {
      delete root.dataset['theme'];
    };
  }, []);
}
