import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { correlatedAt, decodeClean, encodeOpus, floats, run, tone } from './fixtures/media.ts';
import { journal, MemorySink, opusInfo, opusUnits, readerOf, type TestTrack } from './fixtures/recording.ts';
import { probe, type Rendered, renderAll, samplesIn, saved, scratchDirectory } from './fixtures/render.ts';
import { writeMp3 } from './mp3.ts';
import { renderOpusCopy } from './render-stem.ts';
import { openWav } from './stored-file.ts';
import { survey } from './survey.ts';

const SECONDS = 9.876_543;
const TOTAL_SAMPLES = Math.round(SECONDS * 48_000);

/** Noise in bursts: it fits itself in one place only. */
function bursts(seconds: number): Float32Array {
  let seed = 1;
  return Float32Array.from({ length: seconds * 48_000 }, (_, index) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return index % 24_000 < 12_000 ? 0.5 * (seed / 2 ** 30 - 1) : 0;
  });
}

async function talk(channels: number, samples: Float32Array): Promise<TestTrack[]> {
  const info = opusInfo(7);
  const units = opusUnits(await encodeOpus(samples, channels));
  const first = {
    person: 1,
    source: 'mic',
    info,
    records: journal(units.slice(0, 150), info, { startS: 1.2345 }),
  };
  const again = opusInfo(8);
  const second = {
    person: 1,
    source: 'mic',
    info: again,
    records: journal(units.slice(200), again, { startS: 6 }),
  };
  return [first, second] as TestTrack[];
}

const memory = (bytes: Buffer) => ({
  bytes: bytes.length,
  async *read(start: number, end: number) {
    yield bytes.subarray(start, end + 1);
  },
});
const fileOf = (rendered: Rendered | undefined, format: 'wav' | 'peaks') =>
  rendered?.files.get(format) ?? Buffer.alloc(0);

describe('audio files', () => {
  let rendered: Rendered | undefined;
  let wav: Float32Array;
  let tracks: TestTrack[];
  before(async () => {
    tracks = await talk(1, bursts(8));
    [rendered] = await renderAll(tracks, SECONDS);
    wav = await samplesIn(rendered);
  });

  it('tell editors when they begin, and where they come from', async () => {
    const args = ['-v', 'error', '-of', 'json', '-show_format', await saved(rendered, 'wav')];
    const { format } = JSON.parse((await run('ffprobe', args)).toString());
    expect(format.tags).to.include({ encoded_by: 'CraterSync', date: '2026-01-01', time_reference: '0' });
    expect(format.tags.comment).to.match(/^01-ada-mic, CraterSync /);
  });

  it('are equally long in every format, and lie on the same sample', async () => {
    const mp3 = new MemorySink();
    const source = await openWav(memory(fileOf(rendered, 'wav')));
    await writeMp3(source.pcm(), source, mp3);
    const mp3Path = join(scratchDirectory(), 'copy.mp3');
    await writeFile(mp3Path, mp3.bytes);
    const decoded = {
      flac: await samplesIn(rendered, 'flac'),
      m4a: await samplesIn(rendered, 'm4a'),
      mp3: floats(await decodeClean(mp3Path, ['-f', 'f32le'])),
    };
    const path = await saved(rendered, 'm4a');
    expect(await probe(path)).to.include({ codec: 'aac' });
    expect((await probe(path)).duration).to.be.closeTo(TOTAL_SAMPLES / 48_000, 0.000_01);
    // The file says where it ends, as players heed; the ffmpeg of the test decodes its last frame to the end.
    decoded.m4a = decoded.m4a.subarray(0, TOTAL_SAMPLES);
    for (const [format, samples] of Object.entries(decoded)) {
      expect(samples.length, format).to.equal(TOTAL_SAMPLES);
      const { offset, similarity } = correlatedAt(wav, samples, 60);
      expect(offset, format).to.equal(0);
      expect(similarity, format).to.be.above(0.8);
    }
  });

  it('copy Opus as it was received, runs in their places, and as long as the others', async () => {
    const sink = new MemorySink();
    const reader = readerOf(tracks, SECONDS * 1e6);
    const [stem] = await survey(reader);
    if (stem === undefined) throw new Error('no stem');
    const task = { reader, stem, name: '01-ada-mic', onProgress: () => undefined };
    expect(await renderOpusCopy(task, sink)).to.equal(true);
    const path = join(scratchDirectory(), 'copy.ogg');
    await writeFile(path, sink.bytes);
    expect(await probe(path)).to.include({ codec: 'opus' });
    const samples = floats(await decodeClean(path, ['-f', 'f32le']));
    expect(samples.length).to.equal(TOTAL_SAMPLES);
    const first = [48_000, 4 * 48_000] as const;
    const second = [6 * 48_000, 9 * 48_000] as const;
    expect(correlatedAt(wav.subarray(...first), samples.subarray(...first), 60).offset).to.be.within(-1, 1);
    // 2.5 ms are the finest step that Opus can be silent for.
    expect(correlatedAt(wav.subarray(...second), samples.subarray(...second), 80).offset).to.be.within(
      -61,
      61,
    );
    expect(samples.subarray(4.7 * 48_000, 5.9 * 48_000).every(value => Math.abs(value) < 1e-3)).to.equal(
      true,
    );
  });

  it('are mono where both channels are the same, and stereo where they are not', async () => {
    const same = new Float32Array(4 * 48_000 * 2);
    const other = new Float32Array(same.length);
    for (const [index, value] of tone(500, 4).entries()) {
      same.set([value, value], index * 2);
      other.set([value, 0], index * 2);
    }
    const info = opusInfo(7);
    const channelsOf = async (samples: Float32Array) => {
      const records = journal(opusUnits(await encodeOpus(samples, 2)), info, { startS: 0 });
      const [stem] = await renderAll([{ person: 1, source: 'mic', info, records }], 4);
      return (await openWav(memory(fileOf(stem, 'wav')))).channels;
    };
    expect(await channelsOf(same)).to.equal(1);
    expect(await channelsOf(other)).to.equal(2);
  });

  it('come with the waveform, coarse and fine', () => {
    const peaks = fileOf(rendered, 'peaks');
    expect(peaks.toString('latin1', 0, 4)).to.equal('CSPK');
    const levels = Array.from({ length: peaks.readUInt8(5) }, (_, level) => ({
      bucketSamples: peaks.readUInt32LE(12 + 12 * level),
      buckets: peaks.readUInt32LE(16 + 12 * level),
      offset: peaks.readUInt32LE(20 + 12 * level),
    }));
    const finest = levels.at(-1);
    expect(finest).to.include({ bucketSamples: 480, buckets: Math.ceil(TOTAL_SAMPLES / 480) });
    for (const { bucketSamples, buckets, offset } of levels) {
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        const part = wav.subarray(bucket * bucketSamples, (bucket + 1) * bucketSamples);
        const [low, high] = [peaks.readInt8(offset + 2 * bucket), peaks.readInt8(offset + 2 * bucket + 1)];
        const where = `${bucketSamples} samples, bucket ${bucket}`;
        expect(low / 127, where).to.be.closeTo(Math.min(0, ...part), 0.01);
        expect(high / 127, where).to.be.closeTo(Math.max(0, ...part), 0.01);
      }
    }
    expect((finest?.offset ?? 0) + 2 * (finest?.buckets ?? 0)).to.equal(peaks.length);
  });
});
