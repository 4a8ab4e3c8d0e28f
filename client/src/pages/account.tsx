import { api } from '../api.ts';
import { Button, Problem } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import type { rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { useAccount } from './signed-in.tsx';

/** One's own account: where it is signed in. */
export default function AccountPage() {
  const { me } = useAccount();
  const loaded = useLoad(api.devices);
  return (
    <Page title="Your account" aside={<AccountAside />}>
      <div className="stack">
        <div>
          <h1>Your account</h1>
          <p className="muted">{me.email}</p>
        </div>
        <Await loaded={loaded} what="your devices">
          {({ devices }, reload) => <Devices devices={devices} onChanged={reload} />}
        </Await>
      </div>
    </Page>
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
        <h2 id="devices">Where you are signed in</h2>
        <Button look="danger" isPending={isPending} onPress={() => void everywhere()}>
          Sign out everywhere
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
  const { isPending, problem, run } = useAction();
  const signOut = () =>
    run(async () => {
      await api.signOutDevice(device.deviceId);
      await onSignedOut();
    });
  return (
    <li className="list-row">
      <span className="list-title">{device.label}</span>
      <span className="muted">
        {device.isThis ? 'This browser' : `Last seen ${dateTime(device.lastSeenAt)}`}
      </span>
      {!device.isThis && (
        <Button
          look="quiet"
          isPending={isPending}
          onPress={() => void signOut()}
          aria-label={`Sign out ${device.label}`}
        >
          Sign out
        </Button>
      )}
      <Problem text={problem} />
    </li>
  );
}
