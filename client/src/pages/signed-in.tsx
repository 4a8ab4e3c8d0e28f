import { lazy, useCallback } from 'react';
import { Outlet, useOutletContext } from 'react-router';
import { api } from '../api.ts';
import { Await, Page } from '../components/page.tsx';
import { showTimesIn } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { setLanguage } from '../i18n/language.ts';
import { LanguageKeeper } from '../i18n/language-switch.tsx';
import { t } from '../i18n/t.ts';
import { type Language, managerRoles, type rest } from '../protocol.ts';
import { ClosingBanner } from './organization-closing.tsx';
import { SignIn } from './sign-in.tsx';

// Few see these, and once.
const ComeBack = lazy(() => import('./come-back.tsx'));
const Onboarding = lazy(() => import('./onboarding.tsx'));

export interface Account {
  me: rest.Me;
  signOut: () => Promise<void>;
  reload: () => Promise<void>;
}

/** The account in whose name the pages below are shown. */
export const useAccount = (): Account => useOutletContext<Account>();

/** Whether they are owner or admin of the organization that they work in. */
export function useMayManage(): boolean {
  const { organization } = useAccount().me;
  return organization !== null && managerRoles.includes(organization.role);
}

async function loadMe(): Promise<rest.Me> {
  const me = await api.me();
  showTimesIn(me.timeZone);
  // Whoever has just come has told us nothing yet: their browser knows better.
  if (me.displayName !== null) await setLanguage(me.language);
  return me;
}

/** Asks who is there before any page that needs to know; signing in stays at the address that was asked for. */
export default function SignedIn() {
  const loaded = useLoad(loadMe);
  const signOut = useCallback(async () => {
    await api.signOut();
    window.location.assign('/');
  }, []);
  if (loaded.status === 'failed' && loaded.error.code === 'not_signed_in') {
    return <SignIn onSignedIn={loaded.reload} />;
  }
  if (loaded.status !== 'ready') {
    return (
      <Page title="" isNarrow>
        <Await loaded={loaded} what={t('your account')}>
          {() => null}
        </Await>
      </Page>
    );
  }
  const { value: me, reload } = loaded;
  if (me.purgeAfter !== null)
    return <ComeBack purgeAfter={me.purgeAfter} onKept={reload} signOut={signOut} />;
  if (me.displayName === null || me.organization === null) return <Onboarding me={me} onDone={reload} />;
  const keepLanguage = (language: Language) =>
    // Where it cannot be kept just now, this browser still has it.
    void api.updateMe({ language }).then(reload, () => undefined);
  return (
    <LanguageKeeper value={keepLanguage}>
      <ClosingBanner organization={me.organization} reload={reload} />
      <Outlet context={{ me, signOut, reload } satisfies Account} />
    </LanguageKeeper>
  );
}
