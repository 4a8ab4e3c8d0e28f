import { useCallback } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { api } from '../api.ts';
import { Await, Page } from '../components/page.tsx';
import { StudioFlow } from '../components/studio-flow.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import type { OpenProbe } from '../studio/network-probe.ts';
import { useAccount } from './signed-in.tsx';

/** A host's way in, from the session's page. */
export default function HostStudioPage() {
  const { sessionId = '' } = useParams();
  const [search] = useSearchParams();
  const isProducer = search.get('as') === 'producer';
  const { me } = useAccount();
  const load = useCallback(() => api.session(sessionId), [sessionId]);
  const loaded = useLoad(load);
  const openProbe = useCallback<OpenProbe>(
    dtlsParameters => api.probeAsMember(sessionId, { dtlsParameters }),
    [sessionId],
  );
  if (loaded.status !== 'ready') {
    return (
      <Page title={t('Studio')} isNarrow>
        <Await loaded={loaded} what={t('the session')}>
          {() => null}
        </Await>
      </Page>
    );
  }
  return (
    <StudioFlow
      place={sessionId}
      title={loaded.value.title}
      subtitle={
        isProducer
          ? t('You follow the conversation as a producer.')
          : t('You are the host: you and your co-hosts start and stop the recording.')
      }
      isProducer={isProducer}
      fixedName={me.displayName ?? me.email}
      keeper={{
        name: me.organization?.name ?? '',
        region: me.organization?.region ?? 'ca',
        kept: loaded.value.kept,
      }}
      openProbe={openProbe}
      sessionPath={`/sessions/${sessionId}`}
      takeSeat={(_name, credential) =>
        api.hostSeat(sessionId, {
          as: isProducer ? 'producer' : 'host',
          ...(credential !== undefined && { credential }),
        })
      }
    />
  );
}
