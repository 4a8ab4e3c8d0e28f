import { expect } from 'chai';
import { amplitudeOf, decodeClean, encodeOpus, run, tone } from './fixtures/media.ts';
import { journal, opusInfo, opusUnits, type Sender, type TestTrack } from './fixtures/recording.ts';
import { probe, renderAll, samplesIn, saved } from './fixtures/render.ts';

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
