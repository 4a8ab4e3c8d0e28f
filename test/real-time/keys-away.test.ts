import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { retry } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { checkRoom } from '../support/check-room.ts';
import { RealRecorder } from '../support/real-recorder.ts';
import { refusalOf } from '../support/refusal.ts';
import { VaultServer } from '../support/vault-server.ts';

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
});

describe('a recorder whose keys a Vault locks', () => {
  it('records on while the Vault is sealed, refuses what is new with the reason, and keeps no key of its own', async () => {
    const vault = await VaultServer.start();
    const env = { KEY_PROVIDER: 'vault', VAULT_ADDR: vault.url, VAULT_TOKEN: vault.token };
    const recorder = await RealRecorder.start({ env });
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

function raise(): never {
  throw new Error('nobody sends');
}
