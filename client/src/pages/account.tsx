import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { OrganizationFields } from '../components/organization-fields.tsx';
import { Await, Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { addPasskey, canHavePasskeys } from '../passkeys.ts';
import type { Region, rest } from '../protocol.ts';
import { MailAddress } from './account-address.tsx';
import { AccountAside } from './account-aside.tsx';
import { DeleteAccount } from './account-deletion.tsx';
import { Profile } from './account-profile.tsx';
import { ActionButton, ActionForm } from './actions.tsx';
import { type ExportSource, Exports } from './exports.tsx';
import { ListRow } from './list-row.tsx';
import { regionNames, roleNames } from './names.ts';
import { useAccount } from './signed-in.tsx';

/** One's own account: who one is, one's organizations, and where one is signed in. */
export default function AccountPage() {
  const { me } = useAccount();
  const loaded = useLoad(api.devices);
  return (
    <Page title={t('Your account')} aside={<AccountAside />}>
      <div className="stack stack-wide">
        <h1>{t('Your account')}</h1>
        <Profile />
        {/* Another address is another start. */}
        <MailAddress key={me.email} />
        <Organizations />
        {canHavePasskeys && <Passkeys />}
        <Await loaded={loaded} what={t('your devices')}>
          {({ devices }, reload) => <Devices devices={devices} onChanged={reload} />}
        </Await>
        <section className="stack" aria-labelledby="own-data">
          <h2 id="own-data">{t('Your own data')}</h2>
          <p className="muted">
            {t(
              'What is kept of you, in all organizations, in one encrypted file: your account, where you took part, what you did, and your own recorded tracks.',
            )}
          </p>
          <Exports source={ownData} />
        </section>
        <DeleteAccount />
      </div>
    </Page>
  );
}

const ownData: ExportSource = {
  list: api.ownExports,
  order: (_, lock) => api.orderOwnExport(lock),
  cancel: api.cancelOwnExport,
  hasRecordings: false,
};

function Organizations() {
  const { me } = useAccount();
  const [isCreating, setCreating] = useState(false);
  return (
    <section className="stack" aria-labelledby="organizations">
      <div className="row row-between">
        <h2 id="organizations">{t('Your organizations')}</h2>
        {!isCreating && <Button onPress={() => setCreating(true)}>{t('New organization')}</Button>}
      </div>
      {isCreating && <NewOrganization onCancel={() => setCreating(false)} />}
      <ul className="list">
        {me.organizations.map(organization => (
          <OrganizationRow key={organization.organizationId} organization={organization} />
        ))}
      </ul>
    </section>
  );
}

function OrganizationRow({ organization }: { organization: rest.Me['organizations'][number] }) {
  const { me } = useAccount();
  const { organizationId, name, region, role } = organization;
  const workHere = async () => {
    await api.switchOrganization(organizationId);
    location.assign('/');
  };
  return (
    <ListRow title={name} facts={[regionNames[region], t(roleNames[role])]}>
      {organizationId === me.organization?.organizationId ? (
        <Link to="/organization" className="button button-plain">
          {t('Members and settings')}
        </Link>
      ) : (
        <ActionButton aria-label={t('Work here: {organization}', { organization: name })} act={workHere}>
          {t('Work here')}
        </ActionButton>
      )}
    </ListRow>
  );
}

function NewOrganization({ onCancel }: { onCancel: () => void }) {
  const [name, setName] = useState('');
  const [region, setRegion] = useState<Region>('ca');
  const create = async () => {
    await api.createOrganization({ name, region });
    location.assign('/');
  };
  return (
    <ActionForm
      isCard
      aria-label={t('New organization')}
      submit={t('Create')}
      onSubmit={create}
      onCancel={onCancel}
    >
      <OrganizationFields name={name} onName={setName} region={region} onRegion={setRegion} />
    </ActionForm>
  );
}

function Passkeys() {
  const loaded = useLoad(api.passkeys);
  return (
    <Await loaded={loaded} what={t('your passkeys')}>
      {({ passkeys }, reload) => <PasskeyList passkeys={passkeys} onChanged={reload} />}
    </Await>
  );
}

function PasskeyList(props: { passkeys: readonly rest.Passkey[]; onChanged: () => Promise<void> }) {
  const { isPending, problem, run } = useAction();
  const add = () =>
    run(async () => {
      await addPasskey();
      await props.onChanged();
    });
  return (
    <section className="stack" aria-labelledby="passkeys">
      <div className="row row-between">
        <h2 id="passkeys">{t('Passkeys')}</h2>
        <Button isPending={isPending} onPress={() => void add()}>
          {t('Add a passkey')}
        </Button>
      </div>
      <Problem text={problem} />
      {props.passkeys.length === 0 ? (
        <p className="muted">
          {t(
            'A passkey signs you in with a finger, a face or a PIN of this device: quicker than a code, and nobody can talk you out of it.',
          )}
        </p>
      ) : (
        <ul className="list">
          {props.passkeys.map(passkey => (
            <PasskeyRow key={passkey.credentialId} passkey={passkey} onRemoved={props.onChanged} />
          ))}
        </ul>
      )}
    </section>
  );
}

function PasskeyRow({ passkey, onRemoved }: { passkey: rest.Passkey; onRemoved: () => Promise<void> }) {
  const remove = async () => {
    await api.removePasskey(passkey.credentialId);
    await onRemoved();
  };
  return (
    <ListRow
      title={t('Made with {browser}', { browser: passkey.label })}
      facts={[dateTime(passkey.createdAt)]}
    >
      <span className="muted">
        {passkey.lastUsedAt === null
          ? t('Never used')
          : t('Last used {date}', { date: dateTime(passkey.lastUsedAt) })}
      </span>
      <ActionButton look="danger" aria-label={t('Remove the passkey')} act={remove}>
        {t('Remove')}
      </ActionButton>
    </ListRow>
  );
}

function Devices({
  devices,
  onChanged,
}: {
  devices: readonly rest.Device[];
  onChanged: () => Promise<void>;
}) {
  const { isPending, problem, run } = useAction();
  const everywhere = () =>
    run(async () => {
      await api.signOutEverywhere();
      location.assign('/');
    });
  return (
    <section className="stack" aria-labelledby="devices">
      <div className="row row-between">
        <h2 id="devices">{t('Where you are signed in')}</h2>
        <Button look="danger" isPending={isPending} onPress={() => void everywhere()}>
          {t('Sign out everywhere')}
        </Button>
      </div>
      <Problem text={problem} />
      <ul className="list">
        {devices.map(device => (
          <DeviceRow key={device.deviceId} device={device} onSignedOut={onChanged} />
        ))}
      </ul>
    </section>
  );
}

function DeviceRow({ device, onSignedOut }: { device: rest.Device; onSignedOut: () => Promise<void> }) {
  const signOut = async () => {
    await api.signOutDevice(device.deviceId);
    await onSignedOut();
  };
  return (
    <ListRow title={device.label}>
      <span className="muted">
        {device.isThis ? t('This browser') : t('Last seen {date}', { date: dateTime(device.lastSeenAt) })}
      </span>
      {!device.isThis && (
        <ActionButton
          look="quiet"
          aria-label={t('Sign out {device}', { device: device.label })}
          act={signOut}
        >
          {t('Sign out')}
        </ActionButton>
      )}
    </ListRow>
  );
}
