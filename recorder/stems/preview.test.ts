import { expect } from 'chai';
import type { Damaged, RecordingReader } from '../reader.ts';
import { hearStem } from './fixtures/hear.ts';
import { amplitudeOf, correlatedAt, encodeOpus, tone } from './fixtures/media.ts';
import { journal, opusInfo, opusUnits, participant, readerOf, type TestTrack } from './fixtures/recording.ts';
import { type Preview, previewOf } from './preview.ts';
import { survey } from './survey.ts';

const HEADER_BYTES = 44;
const alice = { participantId: participant(1), source: 'mic' } as const;

/** Chunks of 10 s, as the recorder makes them; which of them are read is written down. */
function chunked(tracks: TestTrack[], durationS: number): { reader: RecordingReader; read: number[] } {
  const reader = readerOf(tracks, durationS * 1e6);
  const read: number[] = [];
  const indexOf = (atUs: number) => Math.floor(atUs / 10e6);
  for (const track of reader.manifest.tracks)
    track.chunks = Array.from({ length: Math.ceil(durationS / 10) }, (_, sequence) => ({
      ...{ key: String(sequence), epoch: 1, sequence, sha256: '', bytes: 0, packets: 0 },
      ...{ startUs: sequence * 10e6, endUs: (sequence + 1) * 10e6 },
    }));
  const records = tracks.map(track => Map.groupBy(track.records, each => indexOf(startOf(each))));
  return {
    read,
    reader: {
      ...reader,
      async *batches({ trackId, chunks }) {
        const number = reader.manifest.tracks.findIndex(track => track.trackId === trackId);
        for (const { sequence } of chunks) {
          read.push(sequence);
          yield records[number]?.get(sequence) ?? [];
        }
      },
    },
  };
}

const startOf = (record: TestTrack['records'][number]) =>
  record.type === 'damaged' ? record.startUs : record.atUs;

async function bytesOf(preview: Preview, start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of preview.read(start, end)) parts.push(part);
  return Buffer.concat(parts);
}

/** @returns its samples between two places, −1..1 */
async function hear(preview: Preview, fromS: number, toS: number): Promise<Float32Array> {
  const at = (s: number) => HEADER_BYTES + Math.round(s * 48_000) * 2;
  const bytes = await bytesOf(preview, at(fromS), at(toS) - 1);
  return Float32Array.from(
    { length: bytes.length / 2 },
    (_, index) => bytes.readInt16LE(2 * index) / 2 ** 15,
  );
}

function opened(reader: RecordingReader): Preview {
  const preview = previewOf(reader, alice);
  if (preview === null) throw new Error('there is nothing to be heard');
  return preview;
}

describe('the preview of a sound, before its files are made', () => {
  let packets: Buffer[] = [];
  before(async () => {
    // Noise: it fits itself in one place only.
    let seed = 1;
    const noise = Float32Array.from({ length: 48_000 * 10 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return 0.4 * (seed / 2_147_483_647 - 0.5);
    });
    packets = await encodeOpus(noise);
  });

  const talking = (seconds: number, lost?: (index: number) => boolean): TestTrack => {
    const info = opusInfo(1);
    const all = Array.from({ length: seconds * 50 }, (_, index) => packets[index % 500] ?? Buffer.alloc(0));
    const sender = { startS: 2, skewPpm: 120, ...(lost === undefined ? {} : { lost }) };
    return { person: 1, source: 'mic', info, records: journal(opusUnits(all), info, sender) };
  };

  it('is a WAV file of known length, whatever part of it is asked for', async () => {
    const preview = opened(chunked([talking(140)], 145).reader);
    const whole = await bytesOf(preview, 0, preview.bytes - 1);
    expect(whole).to.have.length(preview.bytes);
    expect(whole.toString('latin1', 0, 4)).to.equal('RIFF');
    expect(whole.readUInt32LE(40)).to.equal(145 * 48_000 * 2);
    expect(preview.bytes).to.equal(HEADER_BYTES + 145 * 48_000 * 2);
    for (const [start, end] of [
      [0, 0],
      [10, 100],
      [43, 44],
      [45, 45],
      [preview.bytes - 1, preview.bytes - 1],
    ] as const)
      expect(
        (await bytesOf(preview, start, end)).equals(whole.subarray(start, end + 1)),
        `${start}`,
      ).to.equal(true);
    // Within sound, a decoder that begins there is a little different from one that came along.
    const odd = HEADER_BYTES + 2 * 48_000 * 60 + 1;
    const part = await bytesOf(preview, odd, odd + 20_000);
    expect(part).to.have.length(20_001);
  });

  it('has every sound where the finished stem has it, to 5 ms, also where two stretches meet', async () => {
    const { reader } = chunked([talking(260)], 265);
    const [stem] = await survey(reader);
    if (stem === undefined) throw new Error('no stem');
    const { samples } = await hearStem(reader, stem);
    const preview = opened(reader);
    for (const atS of [3, 60, 119.8, 120.1, 200, 241, 259]) {
      const piece = await hear(preview, atS, atS + 0.2);
      const truth = samples.subarray(Math.round(atS * 48_000), Math.round((atS + 0.2) * 48_000));
      const { offset, similarity } = correlatedAt(truth, piece, 480);
      // Half a sample apart, noise is hardly like itself.
      expect(similarity, `at ${atS} s`).to.be.above(0.5);
      expect(Math.abs(offset) / 48, `at ${atS} s`).to.be.below(5);
    }
  });

  it('is silent before, where nothing came, and behind the end', async () => {
    const preview = opened(chunked([talking(60, index => index >= 1000 && index < 1500)], 90).reader);
    const isSilent = async (fromS: number, toS: number) =>
      (await hear(preview, fromS, toS)).every(value => value === 0);
    expect(await isSilent(0, 1.9)).to.equal(true);
    expect(await isSilent(22.2, 31.8)).to.equal(true);
    expect(await isSilent(63, 90)).to.equal(true);
    expect(await isSilent(33, 34)).to.equal(false);
  });

  it('reads a few chunks wherever somebody listens in two hours', async () => {
    const { reader, read } = chunked([talking(7200)], 7200);
    const preview = opened(reader);
    for (const atS of [0, 7100, 3600.5]) {
      read.length = 0;
      expect((await hear(preview, atS, atS + 1)).length).to.equal(48_000);
      expect(read.length, `at ${atS} s`).to.be.within(1, 14);
    }
  });

  it('plays what is there around a damaged chunk', async () => {
    const track = talking(60);
    const damaged: Damaged = { type: 'damaged', key: 'k', reason: 'torn', startUs: 20e6, endUs: 30e6 };
    track.records = [
      ...track.records.filter(record => startOf(record) < 20e6),
      damaged,
      ...track.records.filter(record => startOf(record) >= 30e6),
    ];
    const preview = opened(chunked([track], 65).reader);
    expect((await hear(preview, 21, 29)).every(value => value === 0)).to.equal(true);
    expect((await hear(preview, 40, 41)).some(value => value !== 0)).to.equal(true);
  });

  it('is none of somebody who never sent anything', async () => {
    expect(previewOf(readerOf([], 1e6), alice)).to.equal(null);
    const camera: TestTrack = { ...talking(1), source: 'camera' };
    expect(previewOf(readerOf([camera], 1e6), alice)).to.equal(null);
  });

  it('keeps a tone clean', async () => {
    packets = await encodeOpus(tone(440, 10));
    const preview = opened(chunked([talking(30)], 33).reader);
    expect(amplitudeOf(await hear(preview, 5, 6), 440 * (1 + 120e-6))).to.be.closeTo(0.5, 0.03);
  });
});
