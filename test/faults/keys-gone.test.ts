import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeys } from '@cratersync/recorder/keys';
import { organizationId, recordingId, sessionId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { KmsServer, kmsCredentials } from '../support/kms-server.ts';
import { RealRecorder } from '../support/real-recorder.ts';
import { refusalOf } from '../support/refusal.ts';
import { Rig } from './rig.ts';
import { Random } from './seeds.ts';

describe('a recorder whose keys are gone', () => {
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

describe('a recorder for an organization that has brought a key', () => {
  let kms: KmsServer;
  let recorder: RealRecorder;
  beforeEach(async () => {
    kms = await KmsServer.start();
    recorder = await RealRecorder.start({
      env: {
        AWS_KMS_ENDPOINT: kms.url,
        AWS_STS_ENDPOINT: kms.url,
        AWS_ACCESS_KEY_ID: kmsCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: kmsCredentials.secretAccessKey,
      },
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
