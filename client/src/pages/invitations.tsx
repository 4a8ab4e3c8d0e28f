import { useId, useState } from 'react';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { Picker } from '../components/picker.tsx';
import { Toggle } from '../components/toggle.tsx';
import { dateTime, duration } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { count, type PlainKey, t } from '../i18n/t.ts';
import type { LinkRole, rest, SessionSettings } from '../protocol.ts';
import { ActionButton } from './actions.tsx';
import { ListRow } from './list-row.tsx';

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
      <h2 id="invitations-heading">{t('Links')}</h2>
      <NewLinkForm sessionId={session.sessionId} onMade={onChanged} />
      {url !== null && (
        <CopyOnce
          label={t('Invitation link')}
          secret={url}
          hint={t('Copy it now: it is not shown again. Everybody with the link can join.')}
          action={t('Copy link')}
        />
      )}
      {active.length === 0 ? (
        <p className="muted">{t('Make a link and send it to your guests. They need no account.')}</p>
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

const roleChoices: { id: LinkRole; label: PlainKey }[] = [
  { id: 'guest', label: 'Guest: is recorded' },
  { id: 'co-host', label: 'Co-host: runs the room, too' },
  { id: 'producer', label: 'Producer: never recorded' },
];
const HOURS_A_DAY = 24;
const lifetimeChoices = () => [
  { id: '1', label: duration(1, 'hour') },
  ...[1, 7, 30, 365].map(days => ({ id: String(days * HOURS_A_DAY), label: duration(days, 'day') })),
];
const ANY_NUMBER = 'any';
const useChoices = () => [
  { id: ANY_NUMBER, label: t('Any number of people') },
  ...[1, 2, 3, 5, 10, 20].map(n => ({ id: String(n), label: count('One person|{n} people', n) })),
];

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
          label={t('Who it is for')}
          options={roleChoices.map(({ id, label }) => ({ id, label: t(label) }))}
          selected={role}
          onChoose={id => setRole(roleChoices.find(choice => choice.id === id)?.id ?? 'guest')}
        />
        <Picker label={t('Works for')} options={lifetimeChoices()} selected={hours} onChoose={setHours} />
        <Picker label={t('Lets in')} options={useChoices()} selected={uses} onChoose={setUses} />
      </div>
      <Problem text={problem} />
      <div className="row">
        <Button isPending={isPending} onPress={() => void create()}>
          {t('Create invitation link')}
        </Button>
      </div>
    </>
  );
}

const linkNames = {
  guest: 'Guest link of {date}',
  'co-host': 'Co-host link of {date}',
  producer: 'Producer link of {date}',
} as const satisfies Record<LinkRole, string>;

/** What of a link can still be had, in words. */
function stateOf({ uses, maxUses, expiresAt }: rest.Invitation): string {
  const date = dateTime(expiresAt);
  const used =
    maxUses === null
      ? t('{uses} came by it', { uses })
      : t('{uses} of {maxUses} came by it', { uses, maxUses });
  if (Date.parse(expiresAt) <= Date.now()) return `${used} · ${t('expired {date}', { date })}`;
  if (maxUses !== null && uses >= maxUses) return `${used} · ${t('used up')}`;
  return `${used} · ${t('works until {date}', { date })}`;
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
  const revoke = async () => {
    await api.revokeInvitation(sessionId, invitation.invitationId);
    await onRevoked();
  };
  return (
    <ListRow
      title={t(linkNames[invitation.role], { date: dateTime(invitation.createdAt) })}
      titleId={labelId}
      facts={[stateOf(invitation)]}
    >
      <ActionButton look="danger" aria-describedby={labelId} act={revoke}>
        {t('Revoke')}
      </ActionButton>
    </ListRow>
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
      <p className="hint">{t('Revoking a link sends everybody out who came by it.')}</p>
      <Toggle
        label={t('Lobby')}
        hint={t('Guests and producers who come by a link wait until a host or co-host lets them in.')}
        isOn={session.lobby}
        onChange={lobby => void change({ lobby })}
      />
      <Toggle
        label={t('Lock the room')}
        hint={t('Nobody new comes in by a link; who was inside can come back.')}
        isOn={session.locked}
        onChange={locked => void change({ locked })}
      />
      <Problem text={problem} />
    </div>
  );
}
