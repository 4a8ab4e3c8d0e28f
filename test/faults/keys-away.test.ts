import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { retry } from '@cratersync/infra/runtime';
import { openKeys } from '@cratersync/recorder/keys';
import { organizationId, recordingId, sessionId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { checkRoom } from '../support/check-room.ts';
import { KmsServer, kmsCredentials } from '../support/kms-server.ts';
import { RealRecorder } from '../support/real-recorder.ts';
import { VaultServer } from '../support/vault-server.ts';
import { Rig } from './rig.ts';
import { Random } from './seeds.ts';

const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: Error & { code?: string }) => error,
  );

describe('a recorder whose key directory is taken away', () => {
  let recorder: RealRecorder;
  const keys = () => join(recorder.directory, 'keys');
  const takeAway = () => rename(keys(), `${keys()}.away`);
  /** As a mount does: whatever was made in its place meanwhile is hidden. */
  async function bringBack(): Promise<void> {
    await rm(keys(), { recursive: true, force: true });
    await rename(`${keys()}.away`, keys());
  }
  beforeEach(async () => {
    recorder = await RealRecorder.start();
  });
  afterEach(() => recorder.close());

  it('records on what it has begun, and refuses what is new with the reason', async () => {
    const room = await recorder.open('mic', 'mic');
    await recorder.send(700, room);
    await takeAway();
    const refusal = await refusalOf(recorder.open('mic'));
    expect(refusal?.code).to.equal('recording_refused');
    expect(refusal?.message).to.match(/key store/);
    await recorder.send(1500, room);
    await recorder.signaling.ask('recording.close', { recordingId: room.recordingId });
    await recorder.signaling.report('recording.finalized');
    await bringBack();
    await checkRoom(recorder, room);
  });

  it('waits for its keys after a restart, lets nothing go, and goes on when they are back', async () => {
    const room = await recorder.open('mic', 'mic');
    const { recordingId } = room;
    await recorder.send(1500, room);
    const killMs = performance.now();
    await recorder.end('SIGKILL');
    await takeAway();
    await recorder.launch();
    const refusal = await refusalOf(recorder.connect(room, room.sendings[0] ?? raise()));
    expect(refusal?.code).to.equal('unavailable');
    expect(await readdir(join(recorder.directory, 'recorder', 'frames'))).to.not.deep.equal([]);
    await bringBack();
    const signal = AbortSignal.timeout(60_000);
    for (const sending of room.sendings)
      await retry(() => recorder.connect(room, sending), { baseMs: 200, maxMs: 500, signal });
    await recorder.send(1000, room);
    await recorder.signaling.ask('recording.close', { recordingId });
    await recorder.signaling.report('recording.finalized');
    await checkRoom(recorder, room, [killMs]);
  }).timeout(90_000);

  it('keeps what it cannot open for seven days, and not for ever', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cratersync-keys-'));
    const rig = await Rig.start({ keys: await openKeys({ DATA_DIR: dataDir }) });
    try {
      const session = await rig.open();
      rig.store.beforePut = key => {
        if (key.includes('/tracks/')) throw new Error('the store is away');
      };
      await rig.join(session, 'mic');
      await rig.pass(12_000);
      const sessions = join(dataDir, 'keys', 'recordings', session.recordingId);
      // The directory is there and the key is not: as empty as one that is not mounted.
      await rename(sessions, join(dataDir, 'away'));
      const restartAfter = async (hours: number) => {
        await rig.crash(new Random(1));
        rig.clock.advance(hours * 3_600_000);
        await rig.launch();
        return rig.leftovers();
      };
      expect(await restartAfter(1)).to.include(session.recordingId);
      expect(await restartAfter(7 * 24 - 2)).to.include(session.recordingId);
      expect(rig.life.node.announcement().recordings).to.have.length(1);
      expect(await restartAfter(2)).to.deep.equal([]);
    } finally {
      await rig.end();
      await rm(dataDir, { recursive: true });
    }
  }).timeout(60_000);
});

describe('a recorder whose keys a Vault locks', () => {
  it('records on while the Vault is sealed, refuses what is new with the reason, and keeps no key of its own', async () => {
    const vault = await VaultServer.start();
    const settings = { KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN: vault.token };
    const recorder = await RealRecorder.start(tmpdir(), async () => {}, settings);
    try {
      const room = await recorder.open('mic', 'mic');
      await recorder.send(700, room);
      vault.sealed = true;
      const refusal = await refusalOf(recorder.open('mic'));
      expect(refusal?.code).to.equal('recording_refused');
      expect(refusal?.message).to.match(/Vault .* is sealed/);
      await recorder.send(1500, room);
      await recorder.signaling.ask('recording.close', { recordingId: room.recordingId });
      await recorder.signaling.report('recording.finalized');
      vault.sealed = false;
      await checkRoom(recorder, room);
      expect(await readdir(join(recorder.directory, 'keys'))).to.deep.equal(['recordings']);
      expect(await readdir(recorder.directory)).not.to.include('secrets');
    } finally {
      await recorder.close();
      await vault.close();
    }
  }).timeout(60_000);
});

describe('a recorder for an organization that has brought a key', () => {
  let kms: KmsServer;
  let recorder: RealRecorder;
  beforeEach(async () => {
    kms = await KmsServer.start();
    recorder = await RealRecorder.start(tmpdir(), async () => {}, {
      AWS_KMS_ENDPOINT: kms.url,
      AWS_STS_ENDPOINT: kms.url,
      AWS_ACCESS_KEY_ID: kmsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kmsCredentials.secretAccessKey,
    });
  });
  afterEach(async () => {
    await recorder.close();
    await kms.close();
  });
  const newIds = () => ({
    organizationId: organizationId.parse(randomUUID()),
    sessionId: sessionId.parse(randomUUID()),
    recordingId: recordingId.parse(randomUUID()),
  });

  it('locks by it what signaling says, and refuses with what the key says', async () => {
    const ids = newIds();
    const roleArn = 'arn:aws:iam::444455556666:role/cratersync';
    const customerKey = { keyArn: kms.addKey(roleArn), roleArn };
    const { recordingId: _, ...session } = ids;
    const check = () => recorder.signaling.ask('recording.check', { ...session, customerKey });
    expect((await refusalOf(check()))?.message).to.match(/assume the role .*external id/);
    kms.roles.set(roleArn, ids.organizationId);
    await check();
    await recorder.signaling.ask('recording.open', { ...ids, customerKey });
    const wrapped = await readFile(
      join(recorder.directory, 'keys', 'recordings', ids.recordingId, ids.organizationId),
    );
    expect(wrapped[0]).to.equal(4);
    expect(wrapped.toString('latin1')).to.contain(customerKey.keyArn);
    kms.key(customerKey.keyArn).state = 'Disabled';
    const refusal = await refusalOf(
      recorder.signaling.ask('recording.open', { ...newIds(), ...session, customerKey }),
    );
    expect(refusal?.code).to.equal('recording_refused');
    expect(refusal?.message).to.match(/Your organization’s AWS KMS key .* is disabled. Enable it again/);
    // One that has begun needs it no more.
    await recorder.signaling.ask('recording.close', { recordingId: ids.recordingId });
    await recorder.signaling.report('recording.finalized');
  });

  it('is refused at once what another process has destroyed', async () => {
    const ids = newIds();
    const { keys } = await recorder.openData();
    await keys.createSessionKey(ids, ids.recordingId);
    await keys.destroySessionKey(ids.recordingId);
    const stopped = { startedAtMs: Date.now() - 9000, elapsedMs: 9000, after: 1, stoppedMs: 8000 };
    const refusal = await refusalOf(recorder.signaling.ask('recording.take-over', { ...ids, ...stopped }));
    expect(refusal?.code).to.equal('erased');
  });
});

function raise(): never {
  throw new Error('nobody sends');
}
