import { useCallback, useState } from 'react';
import { api } from '../api.ts';
import { Field } from '../components/controls.tsx';
import { CopyOnce } from '../components/copy-once.tsx';
import { Await } from '../components/page.tsx';
import { Picker } from '../components/picker.tsx';
import { dateTime, duration } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { count, type PlainKey, t } from '../i18n/t.ts';
import { rest, type ShareContents } from '../protocol.ts';
import { ActionButton, ActionForm } from './actions.tsx';
import { ListRow } from './list-row.tsx';

/** The links by which people without an account hear and download a recording. A link is shown once, when it is made. */
export function Shares({ recordingId }: { recordingId: string }) {
  const [url, setUrl] = useState<string | null>(null);
  const load = useCallback(() => api.shares(recordingId), [recordingId]);
  const loaded = useLoad(load);
  return (
    <section className="card stack" aria-labelledby="shares-heading">
      <h2 id="shares-heading">{t('Share by a link')}</h2>
      <p className="muted">
        {t(
          'Somebody without an account hears and downloads this recording by a link, until it expires or you end it.',
        )}
      </p>
      <Await loaded={loaded} what={t('the links to this recording')}>
        {({ shares }, reload) => (
          <>
            <NewShare
              recordingId={recordingId}
              onMade={async made => {
                setUrl(made);
                await reload();
              }}
            />
            {url !== null && (
              <CopyOnce
                label={t('Link to the recording')}
                secret={url}
                hint={t(
                  'Copy it now: it is not shown again. Whoever has it can hear and download the recording.',
                )}
                action={t('Copy link')}
              />
            )}
            {shares.length > 0 && (
              <ul className="list">
                {shares.map(share => (
                  <ShareRow
                    key={share.shareId}
                    {...{ recordingId, share }}
                    onEnded={async () => {
                      setUrl(null);
                      await reload();
                    }}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </Await>
    </section>
  );
}

const contentsNames: Record<ShareContents, PlainKey> = {
  stems: 'Stems and projects',
  all: 'Everything that was made',
};

function NewShare({ recordingId, onMade }: { recordingId: string; onMade: (url: string) => Promise<void> }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState<(typeof rest.shareLifetimesDays)[number]>(7);
  const [contents, setContents] = useState<ShareContents>('stems');
  const make = async () => {
    const { url } = await api.createShare(recordingId, { name, expiresInDays: days, contents });
    setName('');
    await onMade(url);
  };
  return (
    <ActionForm aria-label={t('Share by a link')} submit={t('Make the link')} look="plain" onSubmit={make}>
      <div className="link-form">
        <Field
          label={t('For whom')}
          isRequired
          maxLength={60}
          problems={{ valueMissing: t('Enter a name, so that you know later whose link it is.') }}
          value={name}
          onChange={setName}
          hint={t('Such as an editor or a client. Only members see it.')}
        />
        <Picker
          label={t('Works for')}
          options={rest.shareLifetimesDays.map(each => ({ id: String(each), label: duration(each, 'day') }))}
          selected={String(days)}
          onChoose={id => setDays(rest.shareLifetimesDays.find(each => String(each) === id) ?? 7)}
        />
        <Picker
          label={t('What it opens')}
          options={(['stems', 'all'] as const).map(id => ({ id, label: t(contentsNames[id]) }))}
          selected={contents}
          onChoose={id => setContents(id === 'all' ? 'all' : 'stems')}
        />
      </div>
    </ActionForm>
  );
}

/** What it opens, until when, and whether anybody has come by it. */
function stateOf({ contents, expiresAt, openings, lastOpenedAt }: rest.Share): string {
  const opened =
    lastOpenedAt === null
      ? [t('never opened')]
      : [
          count('opened once|opened {n} times', openings),
          t('last opened {date}', { date: dateTime(lastOpenedAt) }),
        ];
  return [t(contentsNames[contents]), t('works until {date}', { date: dateTime(expiresAt) }), ...opened].join(
    ' · ',
  );
}

interface ShareRowProps {
  recordingId: string;
  share: rest.Share;
  onEnded: () => Promise<void>;
}

function ShareRow({ recordingId, share, onEnded }: ShareRowProps) {
  const end = async () => {
    await api.endShare(recordingId, share.shareId);
    await onEnded();
  };
  return (
    <ListRow title={share.name} facts={[t('by {name}', { name: share.createdBy }), stateOf(share)]}>
      <ActionButton look="danger" aria-label={t('End the link for {name}', { name: share.name })} act={end}>
        {t('End the link')}
      </ActionButton>
    </ListRow>
  );
}
