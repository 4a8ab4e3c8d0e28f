import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@cratersync/infra/runtime';
import { errors } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { FilesystemStore } from '../store/filesystem.ts';
import { correlatedAt, decodeClean, encodeOpus, floats, run, tone } from './fixtures/media.ts';
import { MemoryExtraLedger, MemoryLedger } from './fixtures/memory-ledger.ts';
import {
  identity,
  journal,
  opusInfo,
  opusUnits,
  readerOf,
  type TestTrack,
  videoInfo,
} from './fixtures/recording.ts';
import { h264Units, vp8Units } from './fixtures/video.ts';
import { Lanes } from './lanes.ts';
import { type ExtraContext, renderExtra } from './render-extra.ts';
import { renderRecording } from './render-recording.ts';
import { readSealed } from './sealed-source.ts';
import { collect } from './stored-file.ts';

const SECONDS = 8.5;

describe('files that somebody ordered', () => {
  let directory = '';
  let store: FilesystemStore;
  let scratch = '';
  let tracks: TestTrack[];
  const stems = new MemoryLedger([
    { person: 1, source: 'mic' },
    { person: 2, source: 'mic' },
    { person: 1, source: 'camera' },
    { person: 2, source: 'camera' },
  ]);
  const log = createLog('test', 'silent');

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-extras-'));
    store = await FilesystemStore.open(join(directory, 'store'));
    scratch = await mkdtemp(join(directory, 'scratch-'));
    const [loud, quiet] = [await encodeOpus(tone(440, 7)), await encodeOpus(tone(1000, 7, 0.02))];
    const sound = (person: number, packets: Buffer[]): TestTrack => {
      const info = opusInfo(person);
      return { person, source: 'mic', info, records: journal(opusUnits(packets), info, { startS: 1 }) };
    };
    const [vp8, h264] = [videoInfo('video/VP8', 5), videoInfo('video/H264', 6)];
    // Small at first, as senders begin; the film is as large as the largest.
    const grown = [
      ...(await vp8Units({ seconds: 2, size: '160x120' })),
      ...(await vp8Units({ seconds: 4 })).map(unit => ({ ...unit, mediaS: unit.mediaS + 2 })),
    ];
    tracks = [
      sound(1, loud),
      sound(2, quiet),
      { person: 1, source: 'camera', info: vp8, records: journal(grown, vp8, { startS: 2 }) },
      {
        person: 2,
        source: 'camera',
        info: h264,
        records: journal(await h264Units({ seconds: 5 }), h264, { startS: 3 }),
      },
    ];
    const { signal } = new AbortController();
    const context = {
      open,
      store,
      ledger: stems,
      scratch,
      lanes: new Lanes(2),
      log,
      signal,
      lastAttempt: true,
    };
    await renderRecording(context, identity);
    expect(stems.stems.map(({ state }) => state)).to.deep.equal(Array(4).fill('ready'));
    stems.stems.forEach((stem, index) => {
      stem.participantName = ["Zoë: 100% 'live', [a;b]\\", 'Tom'][index % 2] ?? '';
    });
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const open = async () => readerOf(tracks, SECONDS * 1e6);
  const stem = (index: number) => stems.stems[index] ?? null;

  async function render(
    ledger: MemoryExtraLedger,
    change: Partial<ExtraContext> = {},
  ): Promise<Error | null> {
    const context: ExtraContext = {
      ...{ open, store, ledger, scratch, log, stems: stems.rows, lanes: new Lanes(1) },
      signal: new AbortController().signal,
      lastAttempt: false,
      ...change,
    };
    const outcome = await renderExtra(context, identity).then(
      () => null,
      (error: Error) => error,
    );
    expect(await readdir(scratch), 'scratch files').to.deep.equal([]);
    return outcome;
  }

  async function bytesOf({ order }: MemoryExtraLedger): Promise<Buffer> {
    const { objectKey, bytes } = order;
    if (objectKey === null || bytes === null)
      throw new Error(`nothing was made: ${order.state}, ${order.note}`);
    return await collect(readSealed(store, objectKey, Buffer.alloc(32, 7), 0, bytes - 1));
  }

  async function made(format: MemoryExtraLedger['order']['format'], of: number | null, ending: string) {
    const ledger = new MemoryExtraLedger(format, of === null ? null : stem(of));
    expect(await render(ledger)).to.equal(null);
    expect(ledger.order).to.include({ state: 'ready', note: null });
    const path = join(directory, `made-${format}-${of}.${ending}`);
    await writeFile(path, await bytesOf(ledger));
    return { ledger, path };
  }
  const stored = async () => {
    const keys: string[] = [];
    for await (const { key } of store.list(`recordings/${identity.recordingId}/extras/`)) keys.push(key);
    return keys;
  };
  async function probed(path: string, entries: string) {
    const args = ['-v', 'error', '-of', 'json', '-count_packets', '-show_entries', entries, path];
    return JSON.parse((await run('ffprobe', args)).toString());
  }

  it('are MP3 and Opus, in step with the stem and as long', async () => {
    const { objectKey = '', bytes = 0 } = stem(0)?.files[0] ?? {};
    const wav = await collect(readSealed(store, objectKey, Buffer.alloc(32, 7), 0, bytes - 1));
    const wavPath = join(directory, 'stem.wav');
    await writeFile(wavPath, wav);
    const original = floats(await decodeClean(wavPath, ['-f', 'f32le']));
    for (const [format, ending] of [
      ['mp3', 'mp3'],
      ['opus', 'ogg'],
    ] as const) {
      const { path, ledger } = await made(format, 0, ending);
      const samples = floats(await decodeClean(path, ['-f', 'f32le']));
      expect(samples.length, format).to.equal(SECONDS * 48_000);
      expect(correlatedAt(original, samples, 54).offset, format).to.be.within(-2, 2);
      expect(ledger.told.every((told, index) => told >= (ledger.told[index - 1] ?? 0))).to.equal(true);
    }
  });

  it('are the same mix as MP3 and .m4a, as long to the sample', async () => {
    const { path } = await made('mix', null, 'wav');
    const original = floats(await decodeClean(path, ['-ac', '1', '-f', 'f32le']));
    for (const [format, ending] of [
      ['mix-mp3', 'mp3'],
      ['mix-m4a', 'm4a'],
    ] as const) {
      const copy = await made(format, null, ending);
      const { streams } = await probed(copy.path, 'stream=duration');
      expect(Number(streams[0].duration), format).to.be.closeTo(SECONDS, ending === 'm4a' ? 0.000_01 : 0.05);
      // The .m4a says where it ends, as players heed; the ffmpeg of the test decodes its last frame to the end.
      const decoded = floats(await decodeClean(copy.path, ['-ac', '1', '-f', 'f32le']));
      const samples = ending === 'm4a' ? decoded.subarray(0, SECONDS * 48_000) : decoded;
      expect(samples.length, format).to.equal(SECONDS * 48_000);
      expect(correlatedAt(original, samples, 54).offset, format).to.be.within(-2, 2);
    }
  });

  it('are a mix at −16 LUFS and at most −1 dBTP, as another meter hears it', async () => {
    const { path } = await made('mix', null, 'wav');
    const { streams } = await probed(path, 'stream=duration_ts,channels');
    expect(streams[0]).to.include({ duration_ts: SECONDS * 48_000, channels: 2 });
    const heard = await run('ffmpeg', ['-v', 'error', '-i', path, '-af', METER, '-f', 'null', 'pipe:1']);
    const said = heard.toString();
    const last = (key: string) =>
      Number(
        said
          .match(new RegExp(`${key}=(-?[\\d.]+)`, 'g'))
          ?.at(-1)
          ?.split('=')[1],
      );
    expect(last('lavfi.r128.I')).to.be.closeTo(-16, 0.5);
    const peaks = [...said.matchAll(/true_peaks_ch\d=([\d.]+)/g)].map(
      match => 20 * Math.log10(Number(match[1])),
    );
    expect(Math.max(...peaks)).to.be.at.most(-0.99);
  });

  it('are a film at 30 pictures a second with the person’s sound, as large as the largest picture', async () => {
    for (const [index, startS] of [
      [2, 2],
      [3, 3],
    ] as const) {
      const { path } = await made('cfr', index, 'mp4');
      const shown = 'stream=codec_name,width,height,r_frame_rate,avg_frame_rate,nb_read_packets,duration';
      const { streams } = await probed(path, shown);
      expect(streams[0]).to.include({ codec_name: 'h264', width: 320, height: 240 });
      expect([streams[0].r_frame_rate, streams[0].avg_frame_rate]).to.deep.equal(['30/1', '30/1']);
      expect(Number(streams[0].nb_read_packets)).to.equal(SECONDS * 30);
      expect(streams[1]).to.include({ codec_name: 'aac' });
      expect(Number(streams[1].duration)).to.be.closeTo(SECONDS, 0.000_1);
      // The first picture of the camera is where the stem has it: nothing moves before that.
      const raw = await decodeClean(path, [
        '-an',
        '-vf',
        'scale=16:12',
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
      ]);
      const frame = (at: number) => raw.subarray(at * 192, (at + 1) * 192);
      const moves = Array.from(
        { length: SECONDS * 30 - 1 },
        (_, at) => difference(frame(at), frame(at + 1)) > 40,
      );
      expect(moves.indexOf(true) / 30, 'the first movement').to.be.closeTo(startS, 0.2);
      expect(moves.lastIndexOf(true) / 30, 'the last movement').to.be.above(7);
    }
  });

  it('are a grid of everybody, with names that no filter trips over', async () => {
    const { path } = await made('grid', null, 'mp4');
    const { streams } = await probed(path, 'stream=codec_name,width,height,nb_read_packets');
    expect(streams[0]).to.include({ codec_name: 'h264', width: 1280, height: 360 });
    expect(Number(streams[0].nb_read_packets)).to.equal(SECONDS * 30);
    expect(streams[1]).to.include({ codec_name: 'aac' });
    const raw = await decodeClean(path, [
      '-an',
      '-ss',
      '1',
      '-frames:v',
      '1',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
    ]);
    const label = (tile: number) => {
      const rows = Array.from({ length: 30 }, (_, row) => (330 + row) * 1280 + tile * 640);
      return rows.some(at => raw.subarray(at, at + 300).some(value => value > 180));
    };
    expect([label(0), label(1)], 'white letters in both tiles').to.deep.equal([true, true]);
  });

  it('come out byte for byte the same when made again, and the old file stays until then', async () => {
    const { ledger } = await made('cfr', 2, 'mp4');
    const before = { ...ledger.order };
    const first = await bytesOf(ledger);
    ledger.order.state = 'waiting';
    const failing = { open: async () => Promise.reject(new Error('unforeseen')) };
    expect(await render(ledger, failing)).to.be.instanceOf(Error);
    expect(ledger.order).to.include({ state: 'waiting', objectKey: before.objectKey, bytes: before.bytes });
    expect((await bytesOf(ledger)).equals(first)).to.equal(true);
    expect(await render(ledger)).to.equal(null);
    expect(ledger.order.objectKey).not.to.equal(before.objectKey);
    expect((await bytesOf(ledger)).equals(first)).to.equal(true);
    expect(await stored()).not.to.include(before.objectKey);
  });

  it('are not made any further once they are cancelled', async () => {
    const known = await stored();
    const ledger = new MemoryExtraLedger('cfr', stem(2));
    ledger.cancelAt = 0.1;
    expect(await render(ledger)).to.equal(null);
    expect(ledger.order).to.include({ state: 'cancelled', objectKey: null });
    expect(Math.max(...ledger.told)).to.be.below(0.9);
    expect(await stored()).to.deep.equal(known);
  });

  it('begin again where a killed worker left them, and wait when it is told to stop', async () => {
    const ledger = new MemoryExtraLedger('mp3', stem(0));
    ledger.order.state = 'rendering';
    const stop = new AbortController();
    const progress = ledger.progress;
    ledger.progress = async fraction => {
      stop.abort();
      return await progress(fraction);
    };
    expect(await render(ledger, { signal: stop.signal, lastAttempt: true })).to.be.instanceOf(Error);
    expect(ledger.order).to.include({ state: 'waiting' });
    expect(ledger.order.note).to.match(/goes on when it is back/);
    ledger.progress = progress;
    expect(await render(ledger)).to.equal(null);
    expect(ledger.order).to.include({ state: 'ready' });
  });

  it('say that the disk was full, the recording erased, or nothing there to be made of', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const disk = new MemoryExtraLedger('mp3', stem(0));
    const refusing = { ...store, get: store.get.bind(store), put: async () => Promise.reject(full) };
    expect(await render(disk, { store: refusing as never, lastAttempt: true })).to.equal(null);
    expect(disk.order).to.include({
      state: 'failed',
      note: 'It could not be rendered: the disk of the worker is full.',
    });
    expect(await render(disk)).to.equal(null);
    expect(disk.order.state, 'run again').to.equal('ready');
    const erased = new MemoryExtraLedger('mp3', stem(0));
    await render(erased, { open: async () => Promise.reject(errors.erased()) });
    expect(erased.order).to.include({ state: 'failed', note: errors.erased().message });
    const nothing = new MemoryExtraLedger('mp3', stem(2));
    await render(nothing);
    expect(nothing.order).to.include({ state: 'failed' });
    expect(nothing.order.note).to.match(/has no sound that could be used/);
  });

  it('come with a sheet of small pictures for every camera', async () => {
    for (const index of [2, 3]) {
      const sheet = stem(index)?.files.find(({ format }) => format === 'thumbs');
      if (sheet === undefined) throw new Error('no sheet');
      const path = join(directory, `sheet-${index}.jpg`);
      await writeFile(
        path,
        await collect(readSealed(store, sheet.objectKey, Buffer.alloc(32, 7), 0, sheet.bytes - 1)),
      );
      const { streams } = await probed(path, 'stream=codec_name,width,height');
      expect(streams[0]).to.include({ codec_name: 'mjpeg', width: 1600, height: 90 });
      const raw = await run('ffmpeg', [
        '-v',
        'error',
        '-i',
        path,
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        'pipe:1',
      ]);
      const tile = (at: number) =>
        Array.from({ length: 90 }, (_, y) => raw.subarray(y * 1600 + at * 160)[80] ?? 0);
      // Pictures at 0, 2, 4, 6 and 8 s; the rest of the row is empty.
      expect(Math.max(...tile(2)), 'a picture at 4 s').to.be.above(60);
      expect(Math.max(...tile(9)), 'behind the end').to.be.below(40);
    }
  });
});

const METER = 'ebur128=peak=true:metadata=1,ametadata=mode=print:file=-';

const difference = (a: Buffer, b: Buffer) =>
  a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0);
