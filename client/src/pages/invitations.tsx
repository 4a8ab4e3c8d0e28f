import { useId, useRef, useState } from 'react';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import type { rest } from '../protocol.ts';

/** The links by which guests come in. A link is shown once, when it is made: only its hash is stored. */
export function Invitations({
  session,
  reload,
}: {
  session: rest.SessionDetail;
  reload: () => Promise<void>;
}) {
  const [url, setUrl] = useState<string | null>(null);
  const { isPending, problem, run } = useAction();
  const create = () =>
    run(async () => {
      const created = await api.createInvitation(session.sessionId);
      setUrl(created.url);
      await reload();
    });
  const active = session.invitations.filter(invitation => invitation.revokedAt === null);
  return (
    <section className="card stack" aria-labelledby="invitations-heading">
      <div className="row row-between">
        <h2 id="invitations-heading">Guests</h2>
        <Button isPending={isPending} onPress={() => void create()}>
          Create invitation link
        </Button>
      </div>
      {url !== null && <NewLink url={url} />}
      <Problem text={problem} />
      {active.length === 0 ? (
        <p className="muted">Make a link and send it to your guests. They need no account.</p>
      ) : (
        <ul className="list">
          {active.map(invitation => (
            <InvitationRow
              key={invitation.invitationId}
              sessionId={session.sessionId}
              invitation={invitation}
              onRevoked={async () => {
                setUrl(null);
                await reload();
              }}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function NewLink({ url }: { url: string }) {
  const [isCopied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(url);
      setCopied(true);
    } catch {
      // Without leave to use the clipboard the link stands selected, ready to be copied by hand.
      setCopied(false);
    }
  };
  return (
    <div className="copy-row">
      <Field
        label="Invitation link"
        isReadOnly
        value={url}
        hint="Copy it now: it is not shown again. Everybody with the link can join."
        input={{ ref: input, onFocus: event => event.currentTarget.select() }}
      />
      <Button look="primary" onPress={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy link'}
      </Button>
    </div>
  );
}

function InvitationRow({
  sessionId,
  invitation,
  onRevoked,
}: {
  sessionId: string;
  invitation: rest.Invitation;
  onRevoked: () => Promise<void>;
}) {
  const labelId = useId();
  const { isPending, problem, run } = useAction();
  const revoke = () =>
    run(async () => {
      await api.revokeInvitation(sessionId, invitation.invitationId);
      await onRevoked();
    });
  return (
    <li className="list-row">
      <span id={labelId} className="list-title">
        Link of {dateTime(invitation.createdAt)}
        <span className="muted"> · works until {dateTime(invitation.expiresAt)}</span>
      </span>
      <Button look="danger" aria-describedby={labelId} isPending={isPending} onPress={() => void revoke()}>
        Revoke
      </Button>
      <Problem text={problem} />
    </li>
  );
}
