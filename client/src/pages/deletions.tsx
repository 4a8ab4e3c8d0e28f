import { useCallback } from 'react';
import { api } from '../api.ts';
import { Await } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { rich, t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { ActionButton } from './actions.tsx';
import { ExplainedPage } from './explained-page.tsx';
import { ListRow } from './list-row.tsx';

/** What was deleted: brought back from here while there is time, and proven gone afterwards. */
export default function DeletionsPage() {
  const load = useCallback(() => api.deletions(), []);
  const loaded = useLoad(load);
  return (
    <ExplainedPage
      title={t('Deleted recordings')}
      about={t(
        'A day after it was deleted, a recording’s key is destroyed, and nothing opens it again: neither here nor in a backup. Its receipt says so.',
      )}
    >
      <Await loaded={loaded} what={t('what was deleted')}>
        {(list, reload) => <Deletions list={list} reload={reload} />}
      </Await>
    </ExplainedPage>
  );
}

function Deletions({ list, reload }: { list: rest.DeletionList; reload: () => Promise<void> }) {
  if (list.deletions.length === 0) return <p>{t('Nothing was deleted.')}</p>;
  return (
    <section className="card stack" aria-label={t('Deleted recordings')}>
      <ul className="list">
        {list.deletions.map(deletion => (
          <DeletionRow key={deletion.recordingId} deletion={deletion} reload={reload} />
        ))}
      </ul>
      <p className="hint">
        {rich('Receipts are signed with the key {key}', {
          key: <code className="breakable">{list.receiptKey}</code>,
        })}
      </p>
      {list.formerReceiptKeys.map(key => (
        <p key={key} className="hint">
          {rich('Earlier ones are signed with the key {key}', {
            key: <code className="breakable">{key}</code>,
          })}
        </p>
      ))}
    </section>
  );
}

function DeletionRow({ deletion, reload }: { deletion: rest.Deletion; reload: () => Promise<void> }) {
  const { recordingId, sessionTitle, recordedAt, state } = deletion;
  const undo = async () => {
    await api.undoDeletion(recordingId);
    await reload();
  };
  const name = `${sessionTitle}, ${dateTime(recordedAt)}`;
  const said = saidOf(deletion);
  return (
    <ListRow title={name} facts={[deletion.isExpired ? `${t('its time was over')}, ${said}` : said]}>
      {state === 'waiting' && (
        <ActionButton aria-label={t('Bring back {name}', { name })} act={undo}>
          {t('Bring back')}
        </ActionButton>
      )}
      {state === 'erased' && (
        <a className="button button-plain" href={`/api/v1/deletions/${recordingId}/receipt`} download>
          {t('Receipt')}
        </a>
      )}
    </ListRow>
  );
}

function saidOf({ state, eraseAfter, isHeld }: rest.Deletion): string {
  if (state === 'waiting' && isHeld) return t('not erased while a legal hold lasts');
  if (state === 'waiting') return t('will be erased after {date}', { date: dateTime(eraseAfter) });
  return state === 'erasing' ? t('is being erased') : t('erased');
}
