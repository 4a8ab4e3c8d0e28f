import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api.ts';
import { Button } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { Picker } from '../components/picker.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { personName } from '../i18n/person-name.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import { DELETED_PERSON, type rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';

/** What each action is called; one that is not listed shows under its own name. */
const actionNames: Record<string, PlainKey> = {
  'organization.created': 'created the organization',
  'organization.renamed': 'renamed the organization',
  'organization.deletion-requested': 'asked for the organization to be deleted',
  'organization.deletion-undone': 'kept the organization after all',
  'member.invited': 'invited a member',
  'member.invitation-revoked': 'withdrew an invitation',
  'member.invitation-declined': 'An invitation was declined',
  'member.joined': 'joined',
  'member.role-changed': 'changed a role',
  'member.removed': 'removed a member',
  'member.address-changed': 'has another mail address',
  'member.left': 'left',
  'member.deletion-requested': 'asked for their account to be deleted',
  'member.deletion-undone': 'kept their account',
  'member.deleted': 'An account was deleted',
  'session.created': 'created a session',
  'session.renamed': 'renamed a session',
  'guest-link.created': 'made a guest link',
  'guest-link.revoked': 'revoked a guest link',
  'recording.downloaded': 'downloaded from a recording',
  'recording.deleted': 'deleted a recording',
  'recording.restored': 'brought a recording back',
  'recording.erased': 'erased a recording',
  'share.created': 'made a link to a recording',
  'share.opened': 'A recording was opened by a link',
  'share.downloaded': 'A file was downloaded by a link',
  'share.ended': 'ended the link to a recording',
  'recording.expired': 'A recording was deleted, as its time was over',
  'keeping.changed': 'changed how long recordings are kept',
  'hold.placed': 'placed a legal hold',
  'hold.released': 'released a legal hold',
  'notice.acknowledged': 'took note of a notice',
  'export.ordered': 'ordered an export',
  'export.cancelled': 'cancelled an export',
  'export.downloaded': 'downloaded an export',
  'export.finished': 'An export is ready',
  'export.failed': 'An export failed',
  'export.expired': 'An export was deleted, as its time was over',
  'token.created': 'made an API token',
  'token.revoked': 'revoked an API token',
  'key.brought': 'brought a key of the organization’s own',
  'key.taken-up': 'The organization’s own key is used',
  'key.given-back': 'gave the organization’s own key back',
  'key.rotated': 'The organization’s key was rotated',
  'webhook.created': 'made a webhook',
  'webhook.changed': 'changed a webhook',
  'webhook.replayed': 'sent a webhook’s message once more',
  'webhook.deleted': 'deleted a webhook',
  'plan.ordered': 'ordered a plan',
  'plan.changed': 'The plan has changed',
  'plan.seats-changed': 'The seats that are paid for have changed',
  'plan.end-planned': 'The plan was set to end',
  'plan.end-recalled': 'The plan was set to go on',
  'plan.granted': 'The operator has granted a plan, or taken it back',
  'webhook.disabled': 'A webhook was switched off, as nothing arrived there',
  'recording.started': 'started a recording',
  'recording.refused': 'was refused a recording',
  'recording.stopped': 'stopped a recording',
  'recording.paused': 'paused a recording',
  'recording.resumed': 'resumed a recording',
  'session.lobby-switched': 'switched a lobby',
  'session.lock-switched': 'switched the lock of a room',
  'session.ended': 'ended a session for everybody',
  'participant.role-changed': 'changed what somebody is in a session',
  'participant.removed': 'removed somebody from a session',
};
const EVERYTHING = 'everything';

export default function AuditPage() {
  const [action, setAction] = useState(EVERYTHING);
  const [person, setPerson] = useState(EVERYTHING);
  const query = new URLSearchParams({
    ...(action === EVERYTHING ? {} : { action }),
    ...(person === EVERYTHING ? {} : { actor: person }),
  }).toString();
  const load = useCallback(() => api.audit(query), [query]);
  const loaded = useLoad(load);
  const members = useLoad(api.members);
  const people = members.status === 'ready' ? members.value.members : [];
  return (
    <Page title={t('Audit log')} aside={<AccountAside />}>
      <div className="stack">
        <div className="row row-between heading">
          <h1>{t('Audit log')}</h1>
          <div className="row">
            <a className="button button-plain" href={`/api/v1/organization/audit.csv?${query}`} download>
              CSV
            </a>
            <a className="button button-plain" href={`/api/v1/organization/audit.jsonl?${query}`} download>
              JSON
            </a>
            <Link to="/organization" className="button button-plain">
              {t('Members')}
            </Link>
          </div>
        </div>
        <div className="row">
          <Picker
            label={t('What was done')}
            selected={action}
            onChoose={setAction}
            options={[
              { id: EVERYTHING, label: t('Everything') },
              ...Object.entries(actionNames).map(([id, label]) => ({ id, label: sentence(t(label)) })),
            ]}
          />
          <Picker
            label={t('By whom')}
            selected={person}
            onChoose={setPerson}
            options={[
              { id: EVERYTHING, label: t('Everybody') },
              ...people.map(member => ({ id: member.accountId, label: member.displayName })),
            ]}
          />
        </div>
        <Await loaded={loaded} what={t('the audit log')}>
          {page => <Entries key={query} first={page} query={query} />}
        </Await>
      </div>
    </Page>
  );
}

function actionName(action: string): string {
  const name = actionNames[action];
  return name === undefined ? action : t(name);
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Entries({ first, query }: { first: rest.AuditPage; query: string }) {
  const [older, setOlder] = useState<rest.AuditPage>({ entries: [], next: first.next });
  const { isPending, problem, run } = useAction();
  const entries = [...first.entries, ...older.entries];
  const loadOlder = () =>
    run(async () => {
      const page = await api.audit(`${query}&cursor=${older.next}`);
      setOlder({ entries: [...older.entries, ...page.entries], next: page.next });
    });
  if (entries.length === 0) return <p className="empty muted">{t('Nothing of that kind has happened.')}</p>;
  return (
    <>
      <ol className="list">
        {entries.map(entry => (
          <li key={entry.sequence} className="list-row">
            <span className="list-title">
              {actorOf(entry)} {actionName(entry.action)}
              <span className="muted">{targetOf(entry)}</span>
            </span>
            <span className="muted">
              {dateTime(entry.at)}
              {entry.address !== '' && ` · ${entry.address}`}
            </span>
          </li>
        ))}
      </ol>
      {problem !== null && <p role="alert">{problem}</p>}
      {older.next !== null && (
        <div className="row">
          <Button isPending={isPending} onPress={() => void loadOlder()}>
            {t('Show older entries')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Whoever has deleted their account has no name any more. */
const actorOf = ({ actorName, actorKind }: rest.AuditEntry): string =>
  actorName === null ? (actorKind === 'account' ? personName(DELETED_PERSON) : '') : personName(actorName);

function targetOf({ targetKind, targetName: name, details }: rest.AuditEntry): string {
  const targetName = targetKind === 'member' ? personName(name ?? DELETED_PERSON) : name;
  const told = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  const parts = [...(targetName === null ? [] : [targetName]), ...told];
  return parts.length === 0 ? '' : ` · ${parts.join(', ')}`;
}
