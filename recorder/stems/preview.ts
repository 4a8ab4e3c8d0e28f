import type { ParticipantId, Source } from '@cratersync/signaling/protocol';
import type { JournalRecord, ManifestTrack } from '../format/index.ts';
import type { Damaged, RecordingReader } from '../reader.ts';
import { renderPcm } from './audio-stem.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { stemPackets } from './packets.ts';
import { type PlacedAudio, placeAudio } from './place-audio.ts';
import { samplesOf } from './render-stem.ts';
import { survey } from './survey.ts';
import { BYTES_PER_SAMPLE, PLAIN_WAV_HEADER_BYTES as HEADER_BYTES, plainWavHeader } from './wav.ts';

/**
 * A sound that has not been rendered yet, as a mono WAV file of 16 bits whose length is known from the start: each part of
 * it is made when it is asked for, so that it plays at once, from any place in a recording of any length.
 */
export interface Preview {
  bytes: number;
  /** @param end inclusive */
  read(start: number, end: number): AsyncGenerator<Buffer>;
}

const SAMPLE_BYTES = 2;

/**
 * Clocks are fitted anew for each stretch of this length, from what came within it: to some milliseconds, which is enough
 * to listen to. All of a stretch is read for any part of it, so that the same place always sounds the same.
 */
const STRETCH_SAMPLES = 120 * OPUS_RATE_HZ;
/** What was captured in a stretch may come later than that, and clocks are better known with what lies around. */
const MARGIN_US = 5e6;
/** A decoder that begins in the middle is itself again after that. */
const RUN_UP_US = 500_000;

/** @returns null where nothing that can be heard was ever sent */
export function previewOf(
  reader: RecordingReader,
  { participantId, source }: { participantId: ParticipantId; source: Source },
): Preview | null {
  const tracks = reader.manifest.tracks.filter(
    track =>
      track.participantId === participantId &&
      track.source === source &&
      track.streams.some(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus'),
  );
  if (tracks.length === 0) return null;
  const totalSamples = samplesOf(reader.manifest.durationUs);
  const header = plainWavHeader(totalSamples, 1, SAMPLE_BYTES);
  return {
    bytes: HEADER_BYTES + totalSamples * SAMPLE_BYTES,
    async *read(start, end) {
      if (start < HEADER_BYTES) yield header.subarray(start, end + 1);
      const from = Math.max(0, start - HEADER_BYTES);
      const to = end + 1 - HEADER_BYTES;
      if (to <= from) return;
      // In whole samples, of which the outer ones may be cut.
      let at = Math.floor(from / SAMPLE_BYTES) * SAMPLE_BYTES;
      for await (const part of samples(reader, tracks, at / SAMPLE_BYTES, Math.ceil(to / SAMPLE_BYTES))) {
        yield part.subarray(Math.max(0, from - at), to - at);
        at += part.length;
      }
    },
  };
}

async function* samples(
  reader: RecordingReader,
  tracks: readonly ManifestTrack[],
  first: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let from = first; from < end; ) {
    const stretch = Math.floor(from / STRETCH_SAMPLES);
    const to = Math.min(end, (stretch + 1) * STRETCH_SAMPLES);
    const around = await stretchOf(reader, tracks, stretch);
    for await (const pcm of renderPcm(placed(around, from, to), { channels: 1, totalSamples: to - from }))
      yield upperBytes(pcm);
    from = to;
  }
}

type Batch = (JournalRecord | Damaged)[];

const usOf = (sample: number) => (sample * 1e6) / OPUS_RATE_HZ;

/** A recording of which only the chunks around one stretch are left. They are read once, and held: some megabytes. */
async function stretchOf(
  reader: RecordingReader,
  tracks: readonly ManifestTrack[],
  stretch: number,
): Promise<RecordingReader> {
  const fromUs = usOf(stretch * STRETCH_SAMPLES) - MARGIN_US;
  const toUs = usOf((stretch + 1) * STRETCH_SAMPLES) + MARGIN_US;
  const cut = tracks.map(track => ({
    ...track,
    chunks: track.chunks.filter(({ startUs, endUs }) => endUs >= fromUs && startUs <= toUs),
  }));
  const held = new Map<ManifestTrack, Batch[]>();
  for (const track of cut) {
    const batches: Batch[] = [];
    for await (const batch of reader.batches(track)) batches.push(batch);
    held.set(track, batches);
  }
  return {
    ...reader,
    manifest: { ...reader.manifest, tracks: cut },
    async *batches(track) {
      yield* held.get(track) ?? [];
    },
  };
}

/** What belongs between two samples, counted from the first of them. */
async function* placed(around: RecordingReader, from: number, to: number): AsyncGenerator<PlacedAudio[]> {
  const [stem] = await survey(around);
  if (stem === undefined) return;
  const near = async function* () {
    for await (const batch of stemPackets(around, stem, () => undefined))
      yield batch.filter(
        ({ sessionUs }) => sessionUs > usOf(from) - RUN_UP_US && sessionUs < usOf(to) + RUN_UP_US,
      );
  };
  for await (const batch of placeAudio(near(), to, () => undefined))
    yield batch.map(packet => ({ ...packet, from: packet.from - from, to: packet.to - from }));
}

function upperBytes(pcm: Buffer): Buffer {
  const upper = Buffer.allocUnsafe((pcm.length / BYTES_PER_SAMPLE) * SAMPLE_BYTES);
  for (let from = 1, to = 0; from < pcm.length; from += BYTES_PER_SAMPLE, to += SAMPLE_BYTES) {
    upper[to] = pcm[from] as number;
    upper[to + 1] = pcm[from + 1] as number;
  }
  return upper;
}
