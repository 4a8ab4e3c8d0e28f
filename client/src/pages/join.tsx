import { useCallback } from 'react';
import { useLocation } from 'react-router';
import { api } from '../api.ts';
import { Await, Page } from '../components/page.tsx';
import { StudioFlow } from '../components/studio-flow.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { errors, rest } from '../protocol.ts';

/** A guest's way in: the token stands after #, where no server's log sees it. */
export default function JoinPage() {
  const { hash } = useLocation();
  const token = hash.slice(1);
  const load = useCallback(() => {
    if (!rest.token.safeParse(token).success) return Promise.reject(errors.linkInvalid());
    return api.previewInvitation(token);
  }, [token]);
  const loaded = useLoad(load);
  if (loaded.status !== 'ready') {
    return (
      <Page title="Join" isNarrow>
        <Await loaded={loaded} what="your invitation" isForGuests>
          {() => null}
        </Await>
      </Page>
    );
  }
  const { title, organizationName } = loaded.value;
  return (
    <StudioFlow
      key={token}
      place={token}
      title={title}
      subtitle={`${organizationName} invites you to a recorded conversation.`}
      fixedName={null}
      sessionPath={null}
      takeSeat={(displayName, credential) =>
        api.join({ token, displayName, ...(credential !== undefined && { credential }) })
      }
    />
  );
}
