import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createLog } from '@cratersync/infra/runtime';
import { errors } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { openRecording, type RecordingReader } from '../reader.ts';
import { FilesystemStore } from '../store/filesystem.ts';
import { amplitudeOf, encodeOpus, fromPcm24, tone } from './fixtures/media.ts';
import { MemoryLedger } from './fixtures/memory-ledger.ts';
import {
  identity,
  journal,
  opusInfo,
  opusUnits,
  participant,
  readerOf,
  type TestTrack,
} from './fixtures/recording.ts';
import { storeRecording } from './fixtures/stored-recording.ts';
import { Lanes } from './lanes.ts';
import type { StemLedger, StemRow } from './ledger.ts';
import { type RenderContext, renderRecording } from './render-recording.ts';
import { readSealed } from './sealed-source.ts';
import type { StemSync } from './sync.ts';
import { WAV_HEADER_BYTES } from './wav.ts';

describe('rendering a recording', () => {
  let directory = '';
  let store: FilesystemStore;
  let scratch = '';
  let tracks: TestTrack[] = [];
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-render-'));
    store = await FilesystemStore.open(join(directory, 'store'));
    scratch = await mkdtemp(join(directory, 'scratch-'));
    const packets = await encodeOpus(tone(440, 2));
    tracks = [1, 2].map(person => {
      const info = opusInfo(person);
      return { person, source: 'mic', info, records: journal(opusUnits(packets), info, { startS: 0.5 }) };
    });
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const people = [
    { person: 1, source: 'mic' },
    { person: 2, source: 'mic' },
  ] as const;

  async function render(ledger: StemLedger, change: Partial<RenderContext> = {}): Promise<'done' | Error> {
    const context: RenderContext = {
      open: async () => readerOf(tracks, 3e6),
      store,
      ledger,
      scratch,
      lanes: new Lanes(2),
      log: createLog('test', 'silent'),
      signal: new AbortController().signal,
      lastAttempt: false,
      ...change,
    };
    const outcome = await renderRecording(context, identity).then(
      () => 'done' as const,
      (error: Error) => error,
    );
    expect(await readdir(scratch), 'scratch files').to.deep.equal([]);
    return outcome;
  }

  /** A reader that breaks when the track of `person` is read for the second time: the first is the survey. */
  const breaking = (person: number, fail: () => Error) => async (): Promise<RecordingReader> => {
    const reader = readerOf(tracks, 3e6);
    let readings = 0;
    return {
      ...reader,
      async *batches(track) {
        const theirs = track.participantId === participant(person);
        if (theirs) readings += 1;
        for await (const batch of reader.batches(track)) {
          if (theirs && readings === 2) throw fail();
          yield batch;
        }
      },
    };
  };
  const states = (ledger: MemoryLedger) => ledger.stems.map(({ state }) => state);
  const objects = async (row: StemRow | undefined) => {
    const keys: string[] = [];
    for await (const { key } of store.list(`recordings/${identity.recordingId}/stems/${row?.stemId}/`))
      keys.push(key);
    return keys;
  };

  it('leaves nothing of a recording that is erased while its files are stored', async () => {
    const ledger = new MemoryLedger([...people]);
    let erased = false;
    const erasing = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name === 'put') erased = true;
        return value.bind(target);
      },
    });
    const open = async () => {
      if (erased) throw errors.erased();
      return readerOf(tracks, 3e6);
    };
    expect(await render(ledger, { store: erasing, open })).to.equal('done');
    expect(states(ledger)).to.deep.equal(['failed', 'failed']);
    expect(await Promise.all(ledger.stems.map(objects))).to.deep.equal([[], []]);
  });

  it('makes every stem ready, with files that can be read back', async () => {
    const ledger = new MemoryLedger([...people]);
    expect(await render(ledger)).to.equal('done');
    expect(states(ledger)).to.deep.equal(['ready', 'ready']);
    for (const { files, durationMs, note } of ledger.stems) {
      expect([durationMs, note, files.map(({ format }) => format)]).to.deep.equal([
        3000,
        null,
        ['wav', 'flac', 'm4a', 'peaks', 'sync'],
      ]);
      const [wav] = files;
      expect(wav?.bytes).to.equal(WAV_HEADER_BYTES + 3 * 48_000 * 3);
      const read = readSealed(store, wav?.objectKey ?? '', Buffer.alloc(32, 7), 0, (wav?.bytes ?? 0) - 1);
      const plaintext = await buffer(Readable.from(read));
      expect(
        amplitudeOf(fromPcm24(plaintext.subarray(WAV_HEADER_BYTES)).subarray(30_000, 110_000), 440),
      ).to.be.closeTo(0.5, 0.02);
    }
    expect(ledger.told.length).to.be.above(10);
  });

  it('goes on with the others when one fails, and with that one alone the next time', async () => {
    const ledger = new MemoryLedger([...people]);
    const outcome = await render(ledger, { open: breaking(1, () => new Error('unforeseen')) });
    expect(outcome).to.be.instanceOf(Error);
    expect(states(ledger)).to.deep.equal(['waiting', 'ready']);
    expect(ledger.stems[0]?.note).to.equal(
      'It could not be rendered. The reason is in the worker’s log. It will be tried again.',
    );
    const untouched = structuredClone(ledger.stems[1]);
    expect(await render(ledger)).to.equal('done');
    expect(states(ledger)).to.deep.equal(['ready', 'ready']);
    expect(ledger.stems[1]).to.deep.equal(untouched);
    expect(ledger.stems[0]?.note).to.equal(null);
  });

  it('fails a stem in the end, and says why', async () => {
    const ledger = new MemoryLedger([...people]);
    const full = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    expect(await render(ledger, { open: breaking(2, full), lastAttempt: true })).to.equal('done');
    expect(states(ledger)).to.deep.equal(['ready', 'failed']);
    expect(ledger.stems[1]?.note).to.equal('It could not be rendered: the disk of the worker is full.');
    // Room was made, and the job is run again.
    expect(await render(ledger)).to.equal('done');
    expect(states(ledger)).to.deep.equal(['ready', 'ready']);
  });

  it('begins again with what a killed worker was at, and clears away what it left', async () => {
    const ledger = new MemoryLedger([...people]);
    const [first] = ledger.stems;
    if (first !== undefined) first.state = 'rendering';
    expect(await render(ledger)).to.equal('done');
    const again = new MemoryLedger([...people]);
    expect(await render(again)).to.equal('done');
    expect(states(again)).to.deep.equal(['ready', 'ready']);
    const kept = again.stems[0]?.files.map(({ objectKey }) => objectKey).sort();
    expect(await objects(again.stems[0])).to.deep.equal(kept);
  });

  it('keeps the files of the last time until the new ones are whole, which are the same bytes', async () => {
    const ledger = new MemoryLedger([...people]);
    await render(ledger);
    const [stem] = ledger.stems;
    if (stem === undefined) throw new Error('no stem');
    const before = structuredClone(stem.files);
    const bytesOf = async (files: StemRow['files']) =>
      await Promise.all(
        files.map(async ({ objectKey, bytes }) =>
          buffer(Readable.from(readSealed(store, objectKey, Buffer.alloc(32, 7), 0, bytes - 1))),
        ),
      );
    const first = await bytesOf(before);
    stem.state = 'waiting';
    const full = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    await render(ledger, { open: breaking(1, full), lastAttempt: true });
    expect(stem).to.deep.include({ state: 'failed', files: before });
    expect(await bytesOf(stem.files), 'the old files').to.deep.equal(first);
    expect(await render(ledger)).to.equal('done');
    expect(stem.state).to.equal('ready');
    expect(stem.files.map(({ format }) => format)).to.deep.equal(before.map(({ format }) => format));
    expect(stem.files[0]?.objectKey).not.to.equal(before[0]?.objectKey);
    expect(await bytesOf(stem.files), 'the new files').to.deep.equal(first);
    expect(await objects(stem)).to.have.members(stem.files.map(({ objectKey }) => objectKey));
  });

  it('tells in the certificate which stretch is damaged, and why', async () => {
    const ledger = new MemoryLedger([{ person: 1, source: 'mic' }]);
    const [track] = tracks;
    if (track === undefined) throw new Error('no track');
    const kept: TestTrack['records'] = track.records.filter(
      record => record.type === 'damaged' || record.atUs < 1e6 || record.atUs > 2e6,
    );
    const torn = { key: 'k', reason: 'it is cut off', startUs: 1e6, endUs: 2e6 };
    kept.splice(30, 0, { type: 'damaged', ...torn });
    const open = async () => readerOf([{ ...track, records: kept }], 3e6);
    expect(await render(ledger, { open })).to.equal('done');
    const [stem] = ledger.stems;
    expect(stem?.note).to.equal('From 0:01.0 to 0:02.0 the recording is damaged: it is cut off.');
    const file = stem?.files.find(({ format }) => format === 'sync');
    const read = readSealed(store, file?.objectKey ?? '', Buffer.alloc(32, 7), 0, (file?.bytes ?? 0) - 1);
    const { gaps, packets } = JSON.parse((await buffer(Readable.from(read))).toString()) as StemSync;
    const gap = gaps.find(({ cause }) => cause === 'recorder-damaged');
    expect(gap).to.include({ reason: 'it is cut off' });
    expect(gap?.startUs).to.be.closeTo(1e6, 40_000);
    expect(gap?.endUs).to.be.closeTo(2e6, 60_000);
    expect(packets.received).to.be.within(45, 60);
  });

  it('renders everything but the chunks that are missing, torn or tampered with, and names each', async () => {
    const info = opusInfo(1);
    const records = journal(opusUnits(await encodeOpus(tone(440, 49))), info, { startS: 0.5 });
    const sessionKey = randomBytes(32);
    const manifest = await storeRecording(
      store,
      sessionKey,
      identity,
      [participant(1)],
      [{ person: 0, source: 'mic', info, records }],
      50e6,
    );
    const pathOf = (chunk: number) =>
      join(directory, 'store', manifest.tracks[0]?.chunks[chunk]?.key ?? 'none');
    await unlink(pathOf(1));
    await truncate(pathOf(2), Math.floor((await stat(pathOf(2))).size / 2));
    const bytes = await readFile(pathOf(3));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(pathOf(3), bytes);
    const ledger = new MemoryLedger([{ person: 1, source: 'mic' }]);
    const open = () => openRecording(store, { sessionKey: async () => sessionKey }, identity);
    expect(await render(ledger, { open })).to.equal('done');
    const [stem] = ledger.stems;
    expect(stem?.state).to.equal('ready');
    expect(stem?.note).to.match(/missing from the store.*torn.*damaged or out of place/s);
    const contentOf = async (wanted: string) => {
      const file = stem?.files.find(({ format }) => format === wanted);
      return await buffer(
        Readable.from(readSealed(store, file?.objectKey ?? '', sessionKey, 0, (file?.bytes ?? 0) - 1)),
      );
    };
    const { gaps } = JSON.parse((await contentOf('sync')).toString()) as StemSync;
    expect(gaps.filter(({ cause }) => cause === 'recorder-damaged')).to.have.length.within(2, 3);
    const samples = fromPcm24((await contentOf('wav')).subarray(WAV_HEADER_BYTES));
    const level = (fromS: number) => amplitudeOf(samples.subarray(fromS * 48_000, (fromS + 1) * 48_000), 440);
    expect(samples).to.have.length(50 * 48_000);
    expect(
      [level(5), level(13), level(22), level(31), level(37), level(45)].map(each => each > 0.4),
    ).to.deep.equal([true, false, true, true, false, true]);
  });

  it('fails all stems of an erased recording, for good', async () => {
    const ledger = new MemoryLedger([...people]);
    const open = async () => {
      throw errors.erased();
    };
    expect(await render(ledger, { open })).to.equal('done');
    expect(states(ledger)).to.deep.equal(['failed', 'failed']);
    expect(ledger.stems[0]?.note).to.equal(errors.erased().message);
  });

  it('reports the stem of somebody who never sent anything', async () => {
    const ledger = new MemoryLedger([
      ...people,
      { person: 3, source: 'mic' },
      { person: 1, source: 'camera' },
    ]);
    tracks.push({ person: 3, source: 'mic', info: opusInfo(3), records: [] });
    expect(await render(ledger)).to.equal('done');
    tracks.pop();
    expect(states(ledger)).to.deep.equal(['ready', 'ready', 'failed', 'failed']);
    for (const row of ledger.stems.slice(2)) {
      expect(row.note).to.equal('Nothing was ever sent.');
      expect(await objects(row)).to.deep.equal([]);
    }
  });

  it('stops when the worker is told to, and leaves its stems waiting', async () => {
    const stop = new AbortController();
    const ledger = new MemoryLedger([...people]);
    const progress = ledger.progress;
    ledger.progress = async (...told) => {
      stop.abort();
      await progress(...told);
    };
    expect(
      await render(ledger, { signal: stop.signal, lanes: new Lanes(1), lastAttempt: true }),
    ).to.be.instanceOf(Error);
    expect(states(ledger)).to.deep.equal(['waiting', 'waiting']);
    expect(ledger.stems[0]?.note).to.match(/goes on when it is back/);
  });
});
