import { useCallback, useState } from 'react';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Confirm } from '../components/confirm.tsx';
import { Button, Field, Notice, Problem } from '../components/controls.tsx';
import { Await } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { rich, t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { rest } from '../protocol.ts';
import { ActionForm } from './actions.tsx';
import { ExplainedPage } from './explained-page.tsx';
import { Bar } from './recording-files.tsx';
import { useAccount } from './signed-in.tsx';

const BUSY_MS = 1_000;
const CALM_MS = 15_000;

const isTrying = ({ wanted, refused }: rest.OrganizationKeys) => wanted !== null && refused === null;
const isMoving = ({ progress }: rest.OrganizationKeys) => progress !== null && progress.finishedAt === null;
const refreshMs = (keys: rest.OrganizationKeys) => (isTrying(keys) || isMoving(keys) ? BUSY_MS : CALM_MS);

/** By whose key recordings are locked: for owners. */
export default function KeysPage() {
  const { me } = useAccount();
  const load = useCallback(() => api.keys(), []);
  const loaded = useLoad(load, refreshMs);
  return (
    <ExplainedPage
      title={t('Keys')}
      about={t(
        'Every recording has a key, and lies nowhere but locked. That key is locked in turn: by this server, or by a key of your own in AWS KMS, which you can take away from us at any time.',
      )}
    >
      <Await loaded={loaded} what={t('the keys')}>
        {(keys, reload) => (
          <>
            <Now keys={keys} reload={reload} />
            <Bring keys={keys} reload={reload} externalId={me.organization?.organizationId ?? ''} />
          </>
        )}
      </Await>
    </ExplainedPage>
  );
}

interface Shown {
  keys: rest.OrganizationKeys;
  reload: () => Promise<void>;
}

function Now({ keys, reload }: Shown) {
  const { inUse, progress, trouble, troubleSince } = keys;
  return (
    <section className="card stack" aria-labelledby="now-heading">
      <div className="row row-between">
        <h2 id="now-heading">{t('New recordings are locked by')}</h2>
        {trouble !== null && <Badge tone="bad" text={t('Refuses')} />}
      </div>
      {inUse === null ? (
        <p>{t('The key of this server')}</p>
      ) : (
        <p className="breakable">
          <code>{inUse.keyArn}</code>
          {inUse.roleArn !== null && (
            <>
              <br />
              {rich('as {role}', { role: <code>{inUse.roleArn}</code> })}
            </>
          )}
        </p>
      )}
      {trouble !== null && (
        <Notice kind="problem">
          <p className="breakable">
            {told(trouble)} {troubleSince !== null && t('So since {date}.', { date: dateTime(troubleSince) })}{' '}
            {t('Nothing is lost. We try again every minute.')}
          </p>
        </Notice>
      )}
      {progress !== null && <Moved keys={keys} progress={progress} />}
      {inUse !== null && <GiveBack reload={reload} />}
    </section>
  );
}

function Moved({
  keys,
  progress,
}: {
  keys: rest.OrganizationKeys;
  progress: NonNullable<rest.OrganizationKeys['progress']>;
}) {
  const { done, total, finishedAt } = progress;
  if (finishedAt !== null)
    return keys.inUse === null ? null : <p>{t('All your recordings are locked by it.')}</p>;
  return (
    <div className="stack">
      <p role="status">
        {t('{done} of {total} recordings were gone through, to lock them by it.', { done, total })}{' '}
        {keys.inUse === null && t('Leave us the key from before until this is over.')}
      </p>
      <Bar label={t('Recordings gone through')} fraction={total === 0 ? 0 : done / total} />
    </div>
  );
}

function GiveBack({ reload }: Pick<Shown, 'reload'>) {
  const [isAsking, setIsAsking] = useState(false);
  const { isPending, problem, run } = useAction();
  const giveBack = () =>
    void run(async () => {
      await api.giveBackKey();
      await reload();
    });
  return (
    <>
      <div className="row">
        <Button look="danger" isPending={isPending} onPress={() => setIsAsking(true)}>
          {t('Stop using it')}
        </Button>
      </div>
      <Problem text={problem} />
      {isAsking && (
        <Confirm
          title={t('Stop using your own key?')}
          text={t(
            'All your recordings are locked by the key of this server then. Leave us your key until this page says that it is over: what is locked by it opens with it alone.',
          )}
          yes={t('Stop using it')}
          no={t('Keep it')}
          onYes={giveBack}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  );
}

function Bring({ keys, reload, externalId }: Shown & { externalId: string }) {
  const { wanted, refused } = keys;
  const [keyArn, setKeyArn] = useState(wanted?.keyArn ?? '');
  const [roleArn, setRoleArn] = useState(wanted?.roleArn ?? '');
  const bring = async () => {
    await api.bringKey({ keyArn, roleArn: roleArn.trim() === '' ? null : roleArn });
    await reload();
  };
  return (
    <ActionForm isCard aria-labelledby="bring-heading" submit={t('Try it, and use it')} onSubmit={bring}>
      <h2 id="bring-heading">{keys.inUse === null ? t('Use a key of your own') : t('Use another key')}</h2>
      <Field
        label={t('ARN of the key')}
        isRequired
        problems={{ valueMissing: t('Enter the ARN of a key in AWS KMS.') }}
        value={keyArn}
        onChange={setKeyArn}
        hint={t('A symmetric key for encryption, such as arn:aws:kms:eu-west-3:111122223333:key/…')}
      />
      <Field
        label={t('ARN of the role that we assume to use it')}
        value={roleArn}
        onChange={setRoleArn}
        hint={t('May stay empty where the policy of the key lets this server use it.')}
      />
      <p className="hint breakable">
        {rich(
          'Have the role ask for the external id {id}, and allow kms:Encrypt and kms:Decrypt on the key.',
          {
            id: <code>{externalId}</code>,
          },
        )}
      </p>
      {isTrying(keys) && (
        <p role="status">
          {t('The key is being tried: what it locks must open, and only for its own session.')}
        </p>
      )}
      {refused !== null && (
        <Notice kind="problem">
          <p className="breakable">
            {t('This key is not used.')} {told(refused)}
          </p>
        </Notice>
      )}
    </ActionForm>
  );
}
