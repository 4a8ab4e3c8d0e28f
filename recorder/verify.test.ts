import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingId, SessionId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { chunkRecords, recorded, storeRecording } from './fixtures/stored-recording.ts';
import { FormatError, type Manifest, objectKeys } from './format/index.ts';
import { type Keys, openKeys } from './keys/index.ts';
import { openRecording } from './reader.ts';
import { type ObjectStore, openStore } from './store/index.ts';
import { verifyRecording } from './verify.ts';

describe('a stored recording', () => {
  let directory: string;
  let store: ObjectStore;
  let keys: Keys;
  let manifest: Manifest;
  const { recordingId } = recorded;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-verify-'));
    store = await openStore({ DATA_DIR: directory });
    keys = await openKeys({ DATA_DIR: directory });
    manifest = await storeRecording(store, keys);
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const chunkKey = (index: number) => manifest.tracks[0]?.chunks[index]?.key ?? '';
  const fileOf = (key: string) => join(directory, 'store', key);
  const flip = async (key: string, at: number) => {
    const bytes = await readFile(fileOf(key));
    const place = at < 0 ? bytes.length + at : at;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    await writeFile(fileOf(key), bytes);
  };
  const verify = () => verifyRecording({ store, keys, recordingId });
  const read = async () => {
    const reader = await openRecording(store, keys, recorded);
    const [track] = reader.manifest.tracks;
    return track === undefined ? [] : Array.fromAsync(reader.records(track));
  };

  it('is read back whole, and verified', async () => {
    expect(await read()).to.deep.equal(chunkRecords.flat());
    expect(await verify()).to.deep.include({
      result: 'holds',
      chunks: 3,
      packets: 30,
      durationMs: 600,
      faults: [],
    });
  });

  it('with a byte flipped in a chunk: that chunk is named, and everything else is read', async () => {
    await flip(chunkKey(1), -100);
    const report = await verify();
    expect(report.result).to.equal('damaged');
    expect(report.faults.map(fault => fault.key)).to.deep.equal([chunkKey(1)]);
    const records = await read();
    expect(records.filter(record => record.type === 'rtp')).to.deep.equal(
      [chunkRecords[0], chunkRecords[2]].flat(),
    );
    expect(records.find(record => record.type === 'damaged')).to.deep.include({
      key: chunkKey(1),
      endUs: 400_000,
    });
  });

  it('with a chunk missing, swapped for another, or added', async () => {
    const second = await readFile(fileOf(chunkKey(1)));
    await rm(fileOf(chunkKey(1)));
    expect((await verify()).faults[0]).to.deep.equal({
      key: chunkKey(1),
      reason: 'it is missing from the store',
    });
    await writeFile(fileOf(chunkKey(1)), await readFile(fileOf(chunkKey(2))));
    expect((await verify()).faults.map(fault => fault.key)).to.deep.equal([chunkKey(1)]);
    await writeFile(fileOf(chunkKey(1)), second);
    const added = chunkKey(2).replace(/.$/, '9');
    await writeFile(fileOf(added), second);
    expect((await verify()).faults.map(fault => fault.key)).to.deep.equal([added]);
  });

  it('without a manifest is incomplete, and with a damaged one says so', async () => {
    const key = objectKeys.manifest(recordingId);
    await flip(key, -1);
    expect((await verify()).faults.map(fault => fault.key)).to.deep.equal([key]);
    expect(await read().catch((error: unknown) => error)).to.be.instanceOf(FormatError);
    await rm(fileOf(key));
    expect((await verify()).result).to.equal('incomplete');
    const unknown = await verifyRecording({ store, keys, recordingId: randomUUID() as RecordingId });
    expect(unknown.result).to.equal('incomplete');
  });

  it('whose key is gone is erased, and opens for no other session', async () => {
    const foreign = { ...recorded, sessionId: randomUUID() as SessionId };
    expect(await openRecording(store, keys, foreign).catch((error: unknown) => error)).to.be.instanceOf(
      Error,
    );
    await keys.destroySessionKey(recordingId);
    for (const attempt of [verify, read])
      expect(await attempt().catch((error: unknown) => error)).to.have.property('code', 'erased');
  });
});
