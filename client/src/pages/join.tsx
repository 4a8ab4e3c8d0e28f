import { useCallback, useSyncExternalStore } from 'react';
import { Await, Page } from '../components/page.tsx';
import { StudioFlow } from '../components/studio-flow.tsx';
import { guestApi } from '../guest-api.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { errors, guestRest, type LinkRole } from '../protocol.ts';
import { recall } from '../studio/memory.ts';
import type { OpenProbe } from '../studio/network-probe.ts';

const invitedAs = {
  guest: '{organization} invites you to a recorded conversation.',
  'co-host': '{organization} invites you to run a recorded conversation with the host.',
  producer: '{organization} invites you to follow a recorded conversation.',
} as const satisfies Record<LinkRole, string>;

function seatOf(token: string): { credential?: string } {
  const credential = recall(`seat.${token}`)?.credential;
  return credential === undefined ? {} : { credential };
}

const onHash = (tell: () => void) => {
  addEventListener('hashchange', tell);
  return () => removeEventListener('hashchange', tell);
};

/** A guest's way in, without the router: the token stands after #, where no server's log sees it. */
export default function JoinPage() {
  const token = useSyncExternalStore(onHash, () => location.hash).slice(1);
  const load = useCallback(() => {
    if (!guestRest.token.safeParse(token).success) return Promise.reject(errors.linkInvalid());
    // Whoever came by it already may come back by a link that is used up.
    return guestApi.previewInvitation({ token, ...seatOf(token) });
  }, [token]);
  const loaded = useLoad(load);
  const openProbe = useCallback<OpenProbe>(
    dtlsParameters => guestApi.probeAsGuest({ token, dtlsParameters, ...seatOf(token) }),
    [token],
  );
  if (loaded.status !== 'ready') {
    return (
      <Page title={t('Join')} isNarrow>
        <Await loaded={loaded} what={t('your invitation')} isForGuests>
          {() => null}
        </Await>
      </Page>
    );
  }
  const { title, organizationName, region, role, kept } = loaded.value;
  return (
    <StudioFlow
      key={token}
      place={token}
      title={title}
      subtitle={t(invitedAs[role], { organization: organizationName })}
      isProducer={role === 'producer'}
      fixedName={null}
      keeper={{ name: organizationName, region, kept }}
      openProbe={openProbe}
      sessionPath={null}
      takeSeat={(displayName, credential) =>
        guestApi.join({ token, displayName, ...(credential !== undefined && { credential }) })
      }
    />
  );
}
