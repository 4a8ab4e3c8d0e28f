import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Loaded } from '../hooks/use-load.ts';
import { useTitle } from '../hooks/use-title.ts';
import { Button, Notice } from './controls.tsx';

function Brand() {
  return (
    <>
      <img src="/icon.svg" alt="" width="28" height="28" />
      <span>CraterSync</span>
    </>
  );
}

export interface PageProps {
  title: string;
  /** What stands at the end of the header. */
  aside?: ReactNode;
  /** A narrow page holds one form. */
  isNarrow?: boolean;
  children: ReactNode;
}

/** The frame of every page outside the room. */
export function Page({ title, aside, isNarrow = false, children }: PageProps) {
  useTitle(title);
  return (
    <div className="page">
      <header className="page-header">
        <Link to="/" className="brand">
          <Brand />
        </Link>
        {aside}
      </header>
      <main className={isNarrow ? 'page-main page-narrow' : 'page-main'}>{children}</main>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      Loading {what}…
    </div>
  );
}

/** Shows what was loaded, or that it is loading, or why it was not. */
export function Await<T>({
  loaded,
  what,
  children,
}: {
  loaded: Loaded<T>;
  what: string;
  children: (value: T, reload: () => Promise<void>) => ReactNode;
}) {
  switch (loaded.status) {
    case 'loading':
      return <Loading what={what} />;
    case 'failed':
      return (
        <div className="stack">
          <Notice kind="problem">{loaded.error.message}</Notice>
          <div className="row">
            {loaded.error.retryable && <Button onPress={() => void loaded.reload()}>Try again</Button>}
            <Link to="/" className="button button-plain">
              Go to your sessions
            </Link>
          </div>
        </div>
      );
    case 'ready':
      return children(loaded.value, loaded.reload);
  }
}
