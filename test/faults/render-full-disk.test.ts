import { mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@cratersync/infra/runtime';
import { Lanes, renderRecording } from '@cratersync/recorder/stems';
import { type ObjectStore, openStore } from '@cratersync/recorder/store';
import {
  encodeOpus,
  identity,
  journal,
  MemoryLedger,
  openRecording,
  opusInfo,
  opusUnits,
  participant,
  storedFile,
  storeRecording,
  tone,
} from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { canMount, mountSmallDisk } from '../support/small-disk.ts';
import { fill } from './faulty-disk.ts';

const sessionKey = Buffer.alloc(32, 7);
const SECONDS = 6;
const WAV_BYTES = SECONDS * 48_000 * 3;

describe('rendering on a full disk', function () {
  // recorder/stems has the same faults without a disk of its own.
  if (!canMount) return;
  this.timeout(60_000);
  let parent: string;
  let storeDisk: string;
  let scratch: string;
  let store: ObjectStore;
  let ledger: MemoryLedger;
  const unmounts: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'cratersync-render-full-'));
    storeDisk = join(parent, 'data');
    scratch = join(parent, 'scratch');
    for (const disk of [storeDisk, scratch]) unmounts.push(await mountSmallDisk(disk, '8m'));
    store = await openStore({ DATA_DIR: storeDisk });
    const info = opusInfo(1);
    const records = journal(opusUnits(await encodeOpus(tone(440, SECONDS))), info, { startS: 0 });
    const tracks = [{ person: 0, source: 'mic' as const, info, records }];
    await storeRecording(store, sessionKey, identity, [participant(1)], tracks, SECONDS * 1e6);
    ledger = new MemoryLedger([{ person: 1, source: 'mic' }]);
  });
  afterEach(async () => {
    await store.close();
    for (const unmount of unmounts.splice(0)) await unmount();
    await rm(parent, { recursive: true });
  });

  async function render(lastAttempt: boolean): Promise<void> {
    const open = () => openRecording(store, { sessionKey: async () => sessionKey }, identity);
    const { signal } = new AbortController();
    const log = createLog('test', 'silent');
    const common = { open, store, ledger, scratch, lanes: new Lanes(1), log, signal, lastAttempt };
    await renderRecording(common, identity).catch((error: unknown) => {
      if (lastAttempt) throw error;
    });
  }
  const stem = () => ledger.stems[0] ?? expect.fail('there is no stem');
  async function rendered(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of store.list(`recordings/${identity.recordingId}/stems/`)) keys.push(key);
    return keys;
  }
  /** Nothing is offered, nothing half-made lies about, and it can be run again once there is room. */
  async function failsCleanly(note: RegExp, makeRoom: () => Promise<void>): Promise<void> {
    await render(false);
    expect(stem()).to.deep.include({ state: 'waiting', files: [] });
    expect(stem().note)
      .to.match(note)
      .and.to.match(/It will be tried again\.$/);
    await render(true);
    expect(stem()).to.deep.include({ state: 'failed', files: [] });
    expect(stem().note).to.match(note);
    expect(await rendered()).to.deep.equal([]);
    expect((await readdir(scratch)).filter(name => name !== 'ballast')).to.deep.equal([]);
    expect(await readdir(join(storeDisk, 'store', '.incoming'))).to.deep.equal([]);
    await makeRoom();
    await render(true);
    expect(stem()).to.include({ state: 'ready', note: null });
    expect(await rendered()).to.have.members(stem().files.map(({ objectKey }) => objectKey));
    for (const { bytes, ...file } of stem().files) {
      let read = 0;
      for await (const part of storedFile(store, sessionKey, { ...file, bytes }).read(0, bytes - 1))
        read += part.length;
      expect(read, file.format).to.equal(bytes);
    }
  }

  it('fails where the worker keeps what it makes, and is done when there is room', async () => {
    const ballast = await fill(scratch);
    await failsCleanly(/^It could not be rendered: the disk of the worker is full\./, () => unlink(ballast));
  });

  it('fails where the store is, behind some of the files, and is done when there is room', async () => {
    // The first of its files, the WAV, finds room; not all of them do.
    const ballast = await fill(storeDisk, WAV_BYTES + 100_000);
    const note = /^It could not be rendered because of the object store: its disk is full\./;
    await failsCleanly(note, () => unlink(ballast));
  });
});
