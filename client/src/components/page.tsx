import type { ReactNode } from 'react';
import type { Loaded } from '../hooks/use-load.ts';
import { useTitle } from '../hooks/use-title.ts';
import { LanguageSwitch } from '../i18n/language-switch.tsx';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { AppError } from '../protocol.ts';
import { Button } from './controls.tsx';
import { Link } from './link.tsx';

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
        <div className="row header-aside">
          {aside}
          <LanguageSwitch />
        </div>
      </header>
      <main className={isNarrow ? 'page-main page-narrow' : 'page-main'}>{children}</main>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {t('Loading {what}…', { what })}
    </div>
  );
}

/** Until a page's script is there. */
export const Opening = () => (
  <Page title="" isNarrow>
    <Loading what={t('the page')} />
  </Page>
);

const whatFailed = (error: AppError): string => {
  switch (error.code) {
    case 'not_found':
      return t('There is nothing here');
    case 'link_invalid':
    case 'organization_gone':
      return t('You cannot join by this link');
    case 'share_ended':
      return t('This link has ended');
    case 'erased':
      return t('This is gone');
    default:
      return t('This did not load');
  }
};

/** Shows what was loaded, or that it is loading, or why it was not. */
export function Await<T>({
  loaded,
  what,
  isForGuests = false,
  children,
}: {
  loaded: Loaded<T>;
  what: string;
  /** Guests have no sessions to go to. */
  isForGuests?: boolean;
  children: (value: T, reload: () => Promise<void>) => ReactNode;
}) {
  switch (loaded.status) {
    case 'loading':
      return <Loading what={what} />;
    case 'failed':
      return (
        <div className="narrow card stack">
          <h1>{whatFailed(loaded.error)}</h1>
          <p role="alert">{told(loaded.error.message)}</p>
          <div className="row">
            {loaded.error.retryable && (
              <Button look="primary" onPress={() => void loaded.reload()}>
                {t('Try again')}
              </Button>
            )}
            {!isForGuests && (
              <Link to="/" className="button button-plain">
                {t('Go to your sessions')}
              </Link>
            )}
          </div>
        </div>
      );
    case 'ready':
      return children(loaded.value, loaded.reload);
  }
}
