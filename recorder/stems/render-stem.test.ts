import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { amplitudeOf, decodeClean, encodeOpus, floats, run, tone } from './fixtures/media.ts';
import {
  journal,
  MemorySink,
  opusInfo,
  opusUnits,
  readerOf,
  type Sender,
  sessionS,
  type TestTrack,
  videoInfo,
} from './fixtures/recording.ts';
import { h264Units, vp8Units } from './fixtures/video.ts';
import { renderStem, type StemFormat } from './render-stem.ts';
import { survey } from './survey.ts';

interface Rendered {
  files: Map<StemFormat, Buffer>;
  notes: string[];
}

async function renderAll(tracks: TestTrack[], durationS: number): Promise<Rendered[]> {
  const reader = readerOf(tracks, durationS * 1e6);
  const rendered: Rendered[] = [];
  for (const stem of await survey(reader)) {
    const sinks = new Map<StemFormat, MemorySink>();
    const { formats, notes } = await renderStem(
      reader,
      stem,
      async format => {
        const sink = new MemorySink();
        sinks.set(format, sink);
        return sink;
      },
      () => undefined,
    );
    const files = new Map(formats.map(format => [format, sinks.get(format)?.bytes ?? Buffer.alloc(0)]));
    rendered.push({ files, notes });
  }
  return rendered;
}

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cratersync-stems-'));
});
after(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function saved(rendered: Rendered | undefined, format: StemFormat): Promise<string> {
  const bytes = rendered?.files.get(format);
  if (bytes === undefined) throw new Error(`no ${format} was rendered`);
  const path = join(directory, `${Math.random().toString(36).slice(2)}.${format}`);
  await writeFile(path, bytes);
  return path;
}

const samplesIn = async (rendered: Rendered | undefined, format: StemFormat = 'wav') =>
  floats(await decodeClean(await saved(rendered, format), ['-f', 'f32le']));

async function probe(
  path: string,
): Promise<{ duration: number; codec: string; width: number; height: number }> {
  const json = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', path]);
  const { format, streams } = JSON.parse(json.toString());
  const { codec_name: codec, width, height } = streams[0];
  return { duration: Number(format.duration), codec, width, height };
}

/** A click every second of session time, from `startS` on, as the sender's microphone would hear it. */
async function clicks(sender: Sender, seconds: number): Promise<Buffer[]> {
  const skew = 1 + (sender.skewPpm ?? 0) / 1e6;
  const input = new Float32Array(Math.round(seconds * 48_000 * skew));
  for (let second = Math.ceil(sender.startS); ; second += 1) {
    const index = Math.round((second - sender.startS) * 48_000 * skew);
    if (index >= input.length) return await encodeOpus(input);
    input[index] = 0.9;
  }
}

/** The worst distance in ms of the loudest sample around each full second from that second. */
function worstClickMs(samples: Float32Array, fromS: number, toS: number): number {
  let worst = 0;
  for (let second = fromS; second <= toS; second += 1) {
    const first = second * 48_000 - 4800;
    let loudest = first;
    for (let index = first; index < first + 9600; index += 1) {
      if (Math.abs(samples[index] ?? 0) > Math.abs(samples[loudest] ?? 0)) loudest = index;
    }
    expect(Math.abs(samples[loudest] ?? 0), `a click at ${second} s`).to.be.above(0.05);
    worst = Math.max(worst, Math.abs(loudest - second * 48_000) / 48);
  }
  return worst;
}

async function soundTrack(
  person: number,
  packets: Buffer[],
  sender: Sender,
  clockId = 'sfu 1',
): Promise<TestTrack> {
  const info = opusInfo(1000 + person, clockId);
  return { person, source: 'mic', info, records: journal(opusUnits(packets), info, sender) };
}

describe('audio stems', () => {
  it('line up within 5 ms, whatever the senders’ clocks, delays, skews and losses', async () => {
    const near: Sender = { startS: 0.3, skewPpm: 500, delayMs: 15 };
    const far: Sender = {
      startS: 2.7,
      skewPpm: -500,
      delayMs: 300,
      sfuOffsetUs: 12_345_678,
      lost: i => i % 20 === 7,
    };
    const tracks = [
      await soundTrack(1, await clicks(near, 30), near),
      await soundTrack(2, await clicks(far, 27), far, 'sfu 2'),
    ];
    const [first, second] = await renderAll(tracks, 31);
    const [a, b] = [await samplesIn(first), await samplesIn(second)];
    expect([a.length, b.length]).to.deep.equal([31 * 48_000, 31 * 48_000]);
    expect(worstClickMs(a, 2, 29)).to.be.below(2);
    expect(worstClickMs(b, 4, 29)).to.be.below(2);
  });

  it('join the tracks of a person who reconnects, silent between them', async () => {
    const packets = await encodeOpus(tone(440, 4));
    const first = await soundTrack(1, packets, { startS: 0 });
    const second: TestTrack = { ...first, info: opusInfo(77), records: [] };
    second.records = journal(opusUnits(packets), second.info, { startS: 7, skewPpm: 100 });
    const [stem, ...others] = await renderAll([first, second], 12.345_678);
    expect(others).to.have.length(0);
    const samples = await samplesIn(stem);
    expect(samples).to.have.length(Math.round(12.345_678 * 48_000));
    const second_ = (from: number, to: number) => samples.subarray(from * 48_000, to * 48_000);
    expect(amplitudeOf(second_(0.1, 3.9), 440)).to.be.closeTo(0.5, 0.02);
    expect(second_(4.02, 6.95).every(value => value === 0)).to.equal(true);
    expect(amplitudeOf(second_(7.1, 10.9), 440)).to.be.closeTo(0.5, 0.02);
    expect(second_(11.05, 12.3).every(value => value === 0)).to.equal(true);
  });

  it('are read by ffprobe with the right duration, and hold the same in WAV and FLAC', async () => {
    const [stem] = await renderAll(
      [await soundTrack(1, await encodeOpus(tone(1000, 2)), { startS: 0.5 })],
      3,
    );
    const wav = await saved(stem, 'wav');
    const flac = await saved(stem, 'flac');
    expect(await probe(wav)).to.include({ duration: 3, codec: 'pcm_s24le' });
    expect(await probe(flac)).to.include({ duration: 3, codec: 'flac' });
    const pcm = ['-f', 's24le', '-c:a', 'pcm_s24le'];
    const [fromWav, fromFlac] = [await decodeClean(wav, pcm), await decodeClean(flac, pcm)];
    expect(fromWav).to.have.length(3 * 48_000 * 3);
    expect(fromFlac.equals(fromWav)).to.equal(true);
    // STREAMINFO carries the MD5 of the samples, by which every FLAC decoder checks itself.
    const md5 = await run('ffmpeg', ['-v', 'error', '-i', wav, ...pcm.slice(2), '-f', 'md5', 'pipe:1']);
    expect(stem?.files.get('flac')?.toString('hex', 26, 42)).to.equal(md5.toString().trim().slice(4));
  });

  it('keep both channels of a stereo source', async () => {
    const [left, right] = [tone(500, 2), tone(900, 2)];
    const both = new Float32Array(left.length * 2);
    for (const [index, value] of left.entries()) both.set([value, right[index] ?? 0], index * 2);
    const [stem] = await renderAll([await soundTrack(1, await encodeOpus(both, 2), { startS: 0 })], 2);
    const interleaved = await samplesIn(stem);
    expect(interleaved).to.have.length(2 * 96_000);
    const channel = (offset: number) =>
      interleaved.filter((_, index) => index % 2 === offset).subarray(9600, 86_400);
    expect(amplitudeOf(channel(0), 500)).to.be.closeTo(0.5, 0.03);
    expect(amplitudeOf(channel(0), 900)).to.be.below(0.02);
    expect(amplitudeOf(channel(1), 900)).to.be.closeTo(0.5, 0.03);
  });

  it('sort packets that were overtaken, and take a duplicate once', async () => {
    const track = await soundTrack(1, await encodeOpus(tone(440, 3)), { startS: 0 });
    const [inOrder] = await renderAll([track], 3);
    const records = track.records.flatMap((record, index) => (index % 9 === 4 ? [record, record] : [record]));
    for (let index = 20; index + 6 < records.length; index += 15) {
      const [a, b] = [records[index], records[index + 5]];
      if (a?.type === 'rtp' && b?.type === 'rtp') {
        records[index] = { ...b, atUs: a.atUs };
        records[index + 5] = { ...a, atUs: b.atUs };
      }
    }
    const [shuffled] = await renderAll([{ ...track, records }], 3);
    const [a, b] = [await samplesIn(inOrder), await samplesIn(shuffled)];
    expect(a.every((value, index) => Math.abs(value - (b[index] ?? 9)) < 0.01)).to.equal(true);
  });

  it('render what is left beside a damaged chunk, and say what is missing', async () => {
    const track = await soundTrack(1, await encodeOpus(tone(440, 6)), { startS: 0 });
    const kept = track.records.filter(({ type, ...rest }) => {
      const atUs = 'atUs' in rest ? rest.atUs : 0;
      return type !== 'rtp' || atUs < 2e6 || atUs > 4e6;
    });
    kept.splice(120, 0, {
      type: 'damaged',
      key: 'k',
      reason: 'its hash does not match',
      startUs: 2e6,
      endUs: 4e6,
    });
    const [stem] = await renderAll([{ ...track, records: kept }], 6);
    expect(stem?.notes).to.deep.equal([
      'From 0:02.0 to 0:04.0 the recording is damaged: its hash does not match.',
    ]);
    const samples = await samplesIn(stem);
    expect(amplitudeOf(samples.subarray(4800, 91_200), 440)).to.be.closeTo(0.5, 0.02);
    expect(samples.subarray(98_000, 188_000).every(value => value === 0)).to.equal(true);
    expect(amplitudeOf(samples.subarray(196_000, 285_000), 440)).to.be.closeTo(0.5, 0.02);
  });

  it('are not made of nothing', async () => {
    const info = opusInfo(1);
    const [stem] = await renderAll([{ person: 1, source: 'mic', info, records: [] }], 5);
    expect(stem?.files.size).to.equal(0);
    expect(stem?.notes).to.deep.equal(['Nothing was ever sent.']);
  });

  it('come out byte for byte the same when rendered again', async () => {
    const tracks = [await soundTrack(1, await encodeOpus(tone(440, 2)), { startS: 0.25, skewPpm: 300 })];
    const [once] = await renderAll(tracks, 3);
    const [again] = await renderAll(tracks, 3);
    for (const format of ['wav', 'flac'] as const) {
      expect(once?.files.get(format)?.equals(again?.files.get(format) ?? Buffer.alloc(0)), format).to.equal(
        true,
      );
    }
  });
});

/** Average luma of each picture of a file at 10 pictures a second: black is 16. */
async function lumas(path: string): Promise<number[]> {
  const raw = await decodeClean(path, ['-vf', 'fps=10,scale=16:12', '-pix_fmt', 'gray', '-f', 'rawvideo']);
  return Array.from({ length: Math.floor(raw.length / 192) }, (_, index) => {
    const picture = raw.subarray(index * 192, (index + 1) * 192);
    return picture.reduce((sum, value) => sum + value, 0) / 192;
  });
}

describe('video stems', () => {
  it('of VP8 are WebM of the whole length, black where the camera was not there', async () => {
    const info = videoInfo('video/VP8', 5);
    const clip = await vp8Units({ seconds: 4 });
    const records = journal(clip, info, { startS: 2 });
    const back: TestTrack = { person: 1, source: 'camera', info: videoInfo('video/VP8', 6), records: [] };
    back.records = journal(clip, back.info, { startS: 9 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }, back], 15);
    expect(stem?.notes).to.deep.equal([]);
    const path = await saved(stem, 'webm');
    expect(await probe(path)).to.deep.equal({ duration: 15, codec: 'vp8', width: 320, height: 240 });
    const luma = await lumas(path);
    const dark = (second: number) => (luma[Math.round(second * 10)] ?? 0) < 20;
    expect([0, 1, 1.8, 7.2, 8.8, 14.2].map(dark), 'black').to.deep.equal(Array(6).fill(true));
    expect([2.2, 4, 6.5, 9.2, 12.8].map(dark), 'picture').to.deep.equal(Array(5).fill(false));
  });

  it('can be sought, by cues that name the clusters', async () => {
    const info = videoInfo('video/VP8', 5);
    const records = journal(await vp8Units({ seconds: 10 }), info, { startS: 0 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 10);
    const path = await saved(stem, 'webm');
    const seek = [
      '-v',
      'error',
      '-read_intervals',
      '7%+#1',
      '-show_entries',
      'frame=pts_time',
      '-of',
      'csv=p=0',
      path,
    ];
    expect(Number.parseFloat((await run('ffprobe', seek)).toString())).to.be.within(5.9, 7.01);
  });

  it('hold the last good picture from a loss to the next keyframe', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const records = journal(await make({ seconds: 3 }), info, { startS: 0, lost: index => index === 27 });
      const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 3);
      const times = [
        '-v',
        'error',
        '-show_entries',
        'packet=pts_time',
        '-of',
        'csv=p=0',
        await saved(stem, format),
      ];
      const pts = (await run('ffprobe', times)).toString().trim().split('\n').map(Number.parseFloat);
      const missing = Array.from({ length: 60 }, (_, i) => i).filter(
        i => !pts.some(t => Math.abs(t - i / 20) < 0.01),
      );
      expect(missing, mime).to.deep.equal([27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
      expect(stem?.notes.join(), mime).to.match(/^12 pictures could not be rebuilt/);
      await decodeClean(await saved(stem, format), ['-f', 'null']);
    }
  });

  it('of H.264 are MP4 of the whole length, and begin when the camera did', async () => {
    const info = videoInfo('video/H264', 5);
    const records = journal(await h264Units({ seconds: 4 }), info, { startS: 2.5, skewPpm: 200 });
    const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 10);
    const path = await saved(stem, 'mp4');
    expect(await probe(path)).to.deep.equal({ duration: 10, codec: 'h264', width: 320, height: 240 });
    const times = ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path];
    const pts = (await run('ffprobe', times)).toString().trim().split('\n').map(Number.parseFloat);
    expect(pts).to.have.length(80);
    expect(pts[0]).to.be.closeTo(2.5, 0.005);
    expect(pts[79]).to.be.closeTo(sessionS({ startS: 2.5, skewPpm: 200 }, 79 / 20), 0.005);
    await decodeClean(path, ['-f', 'null']);
  });

  it('go on through a change of resolution', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const small = await make({ seconds: 2 });
      const large = (await make({ seconds: 2, size: '640x480' })).map(unit => ({
        ...unit,
        mediaS: unit.mediaS + 2,
      }));
      const records = journal([...small, ...large], info, { startS: 0 });
      const [stem] = await renderAll([{ person: 1, source: 'camera', info, records }], 4);
      const path = await saved(stem, format);
      const sizes = await run('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'frame=width',
        '-of',
        'csv=p=0',
        path,
      ]);
      // ffprobe adds lines for what x264 writes about itself.
      const widths = sizes.toString().split('\n').map(Number.parseFloat).filter(Number.isFinite);
      expect(widths, mime).to.deep.equal([...Array(40).fill(320), ...Array(40).fill(640)]);
    }
  });

  it('keep a screen that does not change in sight, until its sharing ends', async () => {
    const info = videoInfo('video/VP8', 5);
    const units = (await vp8Units({ seconds: 1 })).slice(0, 2);
    const records: TestTrack['records'] = journal(units, info, { startS: 0 });
    records.push({ type: 'event', atUs: 6e6, event: { kind: 'closed', cause: 'stopped' } });
    const [stem] = await renderAll([{ person: 1, source: 'screen', info, records }], 8);
    const luma = await lumas(await saved(stem, 'webm'));
    expect((luma[50] ?? 0) < 20).to.equal(false);
    expect((luma[70] ?? 0) < 20).to.equal(true);
  });

  it('hold one codec, and tell of another', async () => {
    const first = videoInfo('video/VP8', 5);
    const second = videoInfo('video/H264', 6);
    const tracks: TestTrack[] = [
      {
        person: 1,
        source: 'camera',
        info: first,
        records: journal(await vp8Units({ seconds: 3 }), first, { startS: 0 }),
      },
      {
        person: 1,
        source: 'camera',
        info: second,
        records: journal(await h264Units({ seconds: 1 }), second, { startS: 4 }),
      },
    ];
    const [stem] = await renderAll(tracks, 6);
    expect([...(stem?.files.keys() ?? [])]).to.have.length(1);
    expect(stem?.notes.join()).to.match(/another codec than video\/\w+ is not in this file/);
  });

  it('come out byte for byte the same when rendered again', async () => {
    for (const [mime, make, format] of [
      ['video/VP8', vp8Units, 'webm'],
      ['video/H264', h264Units, 'mp4'],
    ] as const) {
      const info = videoInfo(mime, 5);
      const records = journal(await make({ seconds: 2 }), info, { startS: 1 });
      const tracks: TestTrack[] = [{ person: 1, source: 'camera', info, records }];
      const [[once], [again]] = [await renderAll(tracks, 5), await renderAll(tracks, 5)];
      expect(once?.files.get(format)?.equals(again?.files.get(format) ?? Buffer.alloc(0)), mime).to.equal(
        true,
      );
    }
  });
});
