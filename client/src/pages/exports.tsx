import { useState } from 'react';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Await } from '../components/page.tsx';
import { Picker } from '../components/picker.tsx';
import { dateTime, fileSize, percent } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { count, t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { rest } from '../protocol.ts';
import { ActionForm } from './actions.tsx';

type Lock = Pick<rest.OrderExport, 'passphrase' | 'recipient'>;

/** Where exports are ordered and fetched: an organization's, or one's own. */
export interface ExportSource {
  list: () => Promise<rest.ExportList>;
  order: (what: rest.OrderExport['what'], lock: Lock) => Promise<unknown>;
  cancel: (exportId: string) => Promise<unknown>;
  /** Of an organization, recordings as they are can be had, too. */
  hasRecordings: boolean;
}

const isUnderWay = ({ state }: rest.ExportState) => state === 'waiting' || state === 'running';
/** Links to files end; until then, soon while something moves. */
const againAfterMs = ({ exports }: rest.ExportList) => (exports.some(isUnderWay) ? 1500 : 3_600_000);

/** `source` keeps its identity between renders. */
export function Exports({ source }: { source: ExportSource }) {
  const loaded = useLoad(source.list, againAfterMs);
  return (
    <Await loaded={loaded} what={t('the exports')}>
      {({ exports }, reload) => (
        <>
          {exports.some(isUnderWay) ? null : <Order source={source} onOrdered={reload} />}
          {exports.length > 0 && (
            <ul className="list" aria-label={t('Exports')}>
              {exports.map(each => (
                <ExportRow key={each.exportId} row={each} source={source} reload={reload} />
              ))}
            </ul>
          )}
        </>
      )}
    </Await>
  );
}

const contents = () => [
  { id: 'stems', label: t('Files of each person, as they were made (FLAC, WebM, MP4)') },
  { id: 'recordings', label: t('Recordings as they are stored, with their keys') },
];
const locks = () => [
  { id: 'passphrase', label: t('A passphrase') },
  { id: 'recipient', label: t('An age public key') },
];

function Order({ source, onOrdered }: { source: ExportSource; onOrdered: () => Promise<void> }) {
  const [what, setWhat] = useState<rest.OrderExport['what']>('stems');
  const [by, setBy] = useState<keyof Lock>('passphrase');
  const [secret, setSecret] = useState('');
  const [again, setAgain] = useState('');
  const order = async () => {
    await source.order(what, { [by]: secret });
    await onOrdered();
  };
  return (
    <ActionForm
      isCard
      aria-label={t('Order an export')}
      submit={t('Order the export')}
      isDisabled={by === 'passphrase' && again !== secret}
      onSubmit={order}
    >
      {source.hasRecordings && (
        <Picker
          label={t('Of the recordings')}
          options={contents()}
          selected={what}
          onChoose={id => setWhat(id === 'recordings' ? 'recordings' : 'stems')}
        />
      )}
      <Picker
        label={t('It opens with')}
        options={locks()}
        selected={by}
        onChoose={id => {
          setBy(id === 'recipient' ? 'recipient' : 'passphrase');
          setSecret('');
        }}
      />
      {by === 'passphrase' ? (
        <Passphrase value={secret} onChange={setSecret} again={again} onAgain={setAgain} />
      ) : (
        <Field
          label={t('age public key')}
          isRequired
          problems={{ valueMissing: t('Enter a public key.') }}
          value={secret}
          onChange={setSecret}
          hint={t('As age-keygen shows it: age1…')}
        />
      )}
    </ActionForm>
  );
}

/** Typed twice: nothing opens the file for whoever mistyped it. */
function Passphrase(props: {
  value: string;
  onChange: (value: string) => void;
  again: string;
  onAgain: (again: string) => void;
}) {
  const { value, onChange, again, onAgain } = props;
  const isMistyped = again !== '' && again !== value;
  return (
    <>
      <Field
        label={t('Passphrase')}
        type="password"
        isRequired
        minLength={12}
        input={{ autoComplete: 'new-password' }}
        problems={{ valueMissing: t('Enter a passphrase.') }}
        value={value}
        onChange={onChange}
        hint={t(
          'At least 12 characters; several words are best. We keep it only until the export begins: whoever loses it cannot open the file.',
        )}
      />
      <Field
        label={t('Passphrase, once more')}
        type="password"
        isRequired
        isInvalid={isMistyped}
        input={{ autoComplete: 'new-password' }}
        problems={{ valueMissing: t('Enter it once more.') }}
        value={again}
        onChange={onAgain}
        {...(isMistyped && { hint: t('That is not the same as above.') })}
      />
    </>
  );
}

function ExportRow(props: { row: rest.ExportState; source: ExportSource; reload: () => Promise<void> }) {
  const { row, source, reload } = props;
  const { isPending, problem, run } = useAction();
  const cancel = () =>
    run(async () => {
      await source.cancel(row.exportId);
      await reload();
    });
  const name = t('Export of {date}', { date: dateTime(row.orderedAt) });
  return (
    <li className="list-row">
      <span className="list-title">
        {name}
        <span className="muted" role="status">
          {' '}
          · {saidOf(row)}
        </span>
      </span>
      {row.url !== null && (
        <a
          className="button button-primary"
          href={row.url}
          download
          aria-label={t('Download {name}', { name })}
        >
          {t('Download')}
        </a>
      )}
      {isUnderWay(row) && (
        <Button
          look="danger"
          isPending={isPending}
          aria-label={t('Cancel {name}', { name })}
          onPress={() => void cancel()}
        >
          {t('Cancel')}
        </Button>
      )}
      <Problem text={problem} />
    </li>
  );
}

function saidOf({ state, progress, bytes, note, leftOut, expiresAt }: rest.ExportState): string {
  switch (state) {
    case 'waiting':
      return t('begins shortly');
    case 'running':
      return [
        t('{share} done, {size} so far', { share: percent(progress), size: fileSize(bytes) }),
        note && told(note),
      ]
        .filter(Boolean)
        .join('. ');
    case 'ready':
      return [
        t('{size}, until {date}', {
          size: fileSize(bytes),
          date: expiresAt === null ? '' : dateTime(expiresAt),
        }),
        ...(leftOut > 0
          ? [
              count(
                'One thing could not be taken along; the manifest in it names it|{n} things could not be taken along; the manifest in it names them',
                leftOut,
              ),
            ]
          : []),
      ].join('. ');
    case 'failed':
      return note === null ? t('failed') : t('failed: {reason}', { reason: told(note) });
    case 'cancelled':
      return t('cancelled');
    case 'expired':
      return t('deleted, as its time was over');
  }
}
