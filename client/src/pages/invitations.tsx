import { useId, useState } from 'react';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { Picker } from '../components/picker.tsx';
import { Toggle } from '../components/toggle.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import type { LinkRole, rest, SessionSettings } from '../protocol.ts';
import { sessionRoleNames } from '../studio/names.ts';

interface InvitationsProps {
  session: rest.SessionDetail;
  reload: () => Promise<void>;
}

/** The links by which people come in, and how they come in. A link is shown once, when it is made: only its hash is stored. */
export function Invitations({ session, reload }: InvitationsProps) {
  const [url, setUrl] = useState<string | null>(null);
  const active = session.invitations.filter(invitation => invitation.revokedAt === null);
  const onChanged = async (newUrl: string | null) => {
    setUrl(newUrl);
    await reload();
  };
  return (
    <section className="card stack" aria-labelledby="invitations-heading">
      <h2 id="invitations-heading">Links</h2>
      <NewLinkForm sessionId={session.sessionId} onMade={onChanged} />
      {url !== null && (
        <CopyOnce
          label="Invitation link"
          secret={url}
          hint="Copy it now: it is not shown again. Everybody with the link can join."
          action="Copy link"
        />
      )}
      {active.length === 0 ? (
        <p className="muted">Make a link and send it to your guests. They need no account.</p>
      ) : (
        <ul className="list">
          {active.map(invitation => (
            <InvitationRow
              key={invitation.invitationId}
              sessionId={session.sessionId}
              invitation={invitation}
              onRevoked={() => onChanged(null)}
            />
          ))}
        </ul>
      )}
      <Settings session={session} reload={reload} />
    </section>
  );
}

const roleChoices: { id: LinkRole; label: string }[] = [
  { id: 'guest', label: 'Guest: is recorded' },
  { id: 'co-host', label: 'Co-host: runs the room, too' },
  { id: 'producer', label: 'Producer: never recorded' },
];
const HOURS_A_DAY = 24;
const lifetimeChoices = [
  { id: '1', label: 'One hour' },
  { id: String(HOURS_A_DAY), label: 'One day' },
  { id: String(7 * HOURS_A_DAY), label: 'One week' },
  { id: String(30 * HOURS_A_DAY), label: '30 days' },
  { id: String(365 * HOURS_A_DAY), label: 'One year' },
];
const ANY_NUMBER = 'any';
const useChoices = [
  { id: ANY_NUMBER, label: 'Any number of people' },
  ...[1, 2, 3, 5, 10, 20].map(number => ({ id: String(number), label: people(number) })),
];

function people(number: number): string {
  return number === 1 ? 'One person' : `${number} people`;
}

function NewLinkForm(props: { sessionId: string; onMade: (url: string) => Promise<void> }) {
  const [role, setRole] = useState<LinkRole>('guest');
  const [hours, setHours] = useState(String(7 * HOURS_A_DAY));
  const [uses, setUses] = useState(ANY_NUMBER);
  const { isPending, problem, run } = useAction();
  const create = () =>
    run(async () => {
      const created = await api.createInvitation(props.sessionId, {
        role,
        lifetimeHours: Number(hours),
        maxUses: uses === ANY_NUMBER ? null : Number(uses),
      });
      await props.onMade(created.url);
    });
  return (
    <>
      <div className="link-form">
        <Picker
          label="Who it is for"
          options={roleChoices}
          selected={role}
          onChoose={id => setRole(roleChoices.find(choice => choice.id === id)?.id ?? 'guest')}
        />
        <Picker label="Works for" options={lifetimeChoices} selected={hours} onChoose={setHours} />
        <Picker label="Lets in" options={useChoices} selected={uses} onChoose={setUses} />
      </div>
      <Problem text={problem} />
      <div className="row">
        <Button isPending={isPending} onPress={() => void create()}>
          Create invitation link
        </Button>
      </div>
    </>
  );
}

/** What of a link can still be had, in words. */
function stateOf({ uses, maxUses, expiresAt }: rest.Invitation): string {
  const used = maxUses === null ? `${uses} came by it` : `${uses} of ${maxUses} came by it`;
  if (Date.parse(expiresAt) <= Date.now()) return `${used} · expired ${dateTime(expiresAt)}`;
  if (maxUses !== null && uses >= maxUses) return `${used} · used up`;
  return `${used} · works until ${dateTime(expiresAt)}`;
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
        {sessionRoleNames[invitation.role]} link of {dateTime(invitation.createdAt)}
        <span className="muted"> · {stateOf(invitation)}</span>
      </span>
      <Button look="danger" aria-describedby={labelId} isPending={isPending} onPress={() => void revoke()}>
        Revoke
      </Button>
      <Problem text={problem} />
    </li>
  );
}

function Settings({ session, reload }: InvitationsProps) {
  const { problem, run } = useAction();
  const change = (settings: Partial<SessionSettings>) =>
    run(async () => {
      await api.configureSession(session.sessionId, settings);
      await reload();
    });
  return (
    <div className="stack">
      <p className="hint">Revoking a link sends everybody out who came by it.</p>
      <Toggle
        label="Lobby"
        hint="Guests and producers who come by a link wait until a host or co-host lets them in."
        isOn={session.lobby}
        onChange={lobby => void change({ lobby })}
      />
      <Toggle
        label="Lock the room"
        hint="Nobody new comes in by a link; who was inside can come back."
        isOn={session.locked}
        onChange={locked => void change({ locked })}
      />
      <Problem text={problem} />
    </div>
  );
}
