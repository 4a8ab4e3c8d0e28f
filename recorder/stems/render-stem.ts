import type { RecordingReader } from '../reader.ts';
import { writeAudioStem } from './audio-stem.ts';
import { assembleFrames } from './frames.ts';
import { h264Depacketizer } from './h264.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { type StemPacket, stemPackets } from './packets.ts';
import { placeAudio } from './place-audio.ts';
import type { ByteSink } from './sink.ts';
import type { SurveyedStem } from './survey.ts';
import { writeMp4, writeWebm } from './video-stem.ts';
import { vp8Depacketizer } from './vp8.ts';

export type StemFormat = 'wav' | 'flac' | 'webm' | 'mp4';

export interface StemRendering {
  /** None when nothing that could be shown or heard was ever sent. */
  formats: StemFormat[];
  /** What is missing from the files, a sentence each. */
  notes: string[];
}

type OpenSink = (format: StemFormat) => Promise<ByteSink>;

/**
 * Renders one stem over the whole length of the recording. The same chunks give the same bytes.
 *
 * @param openSink called once for each format that is written
 * @param onProgress 0..1
 */
export async function renderStem(
  reader: RecordingReader,
  stem: SurveyedStem,
  openSink: OpenSink,
  onProgress: (fraction: number) => void,
): Promise<StemRendering> {
  const notes = stem.damaged.map(
    ({ startUs, endUs, reason }) =>
      `From ${clock(startUs)} to ${clock(endUs)} the recording is damaged: ${reason}.`,
  );
  const { codec, chosen, left } = chooseCodec(stem);
  if (codec === null) return { formats: [], notes: [...notes, 'Nothing was ever sent.'] };
  if (left > 0)
    notes.push(`What was sent in another codec than ${codec} is not in this file (${left} packets).`);
  const { durationUs } = reader.manifest;
  const packets = stemPackets(reader, chosen, atUs => onProgress(Math.min(1, atUs / durationUs)));
  const rendering = await renderCodec(codec, packets, chosen, durationUs, openSink);
  return { formats: rendering.formats, notes: [...notes, ...rendering.notes] };
}

async function renderCodec(
  codec: string,
  packets: AsyncIterable<StemPacket>,
  stem: SurveyedStem,
  durationUs: number,
  openSink: OpenSink,
): Promise<StemRendering> {
  switch (codec) {
    case 'audio/opus':
      return await renderAudio(packets, stem, durationUs, openSink);
    case 'video/vp8':
    case 'video/h264':
      return await renderVideo(codec, packets, stem, durationUs, openSink);
    default:
      return { formats: [], notes: [`It was sent in ${codec}, which cannot be written to a file yet.`] };
  }
}

async function renderAudio(
  packets: AsyncIterable<StemPacket>,
  stem: SurveyedStem,
  durationUs: number,
  openSink: OpenSink,
): Promise<StemRendering> {
  const totalSamples = samplesOf(durationUs);
  const streams = stem.tracks.flatMap(track => [...track.streams.values()]);
  const channels = streams.some(({ stereo }) => stereo) ? 2 : 1;
  let malformed = 0;
  const placed = placeAudio(packets, totalSamples, () => {
    malformed += 1;
  });
  const sinks = { wav: await openSink('wav'), flac: await openSink('flac') };
  await writeAudioStem(placed, { channels, totalSamples }, sinks);
  const notes = malformed === 0 ? [] : [`${malformed} packets were not valid Opus and are left silent.`];
  return { formats: ['wav', 'flac'], notes };
}

async function renderVideo(
  codec: 'video/vp8' | 'video/h264',
  packets: AsyncIterable<StemPacket>,
  stem: SurveyedStem,
  durationUs: number,
  openSink: OpenSink,
): Promise<StemRendering> {
  const vp8 = codec === 'video/vp8';
  let dropped = 0;
  const frames = assembleFrames(packets, vp8 ? vp8Depacketizer : h264Depacketizer, () => {
    dropped += 1;
  });
  const pausesUs = stem.tracks.flatMap(track => track.pausesUs).sort((a, b) => a - b);
  const shape = { durationUs, pausesUs, steady: stem.source === 'camera' };
  const format = vp8 ? 'webm' : 'mp4';
  const sink = await openSink(format);
  const written = vp8 ? await writeWebm(frames, shape, sink) : await writeMp4(frames, shape, sink);
  if (!written) return { formats: [], notes: ['No whole picture ever arrived.'] };
  const notes =
    dropped === 0
      ? []
      : [`${dropped} pictures could not be rebuilt after a loss; the one before each is held.`];
  return { formats: [format], notes };
}

/** Every stem has as many samples as the recording is long, so all have the same. */
export const samplesOf = (durationUs: number) => Math.round((durationUs * OPUS_RATE_HZ) / 1e6);

/**
 * A file holds one codec. Where a person came back with another (from another browser), the one that carried most is
 * written, the other is told in a note.
 */
function chooseCodec(stem: SurveyedStem): { codec: string | null; chosen: SurveyedStem; left: number } {
  const counts = new Map<string, number>();
  for (const { streams } of stem.tracks) {
    for (const { info, packets } of streams.values()) {
      const codec = info.mimeType.toLowerCase();
      counts.set(codec, (counts.get(codec) ?? 0) + packets);
    }
  }
  const [most] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (most === undefined) return { codec: null, chosen: stem, left: 0 };
  const [codec, packets] = most;
  const tracks = stem.tracks
    .map(track => ({
      ...track,
      streams: new Map([...track.streams].filter(([, { info }]) => info.mimeType.toLowerCase() === codec)),
    }))
    .filter(({ streams }) => streams.size > 0);
  const left = [...counts.values()].reduce((sum, count) => sum + count, -packets);
  return { codec, chosen: { ...stem, tracks }, left };
}

/** 3 723 000 000 µs → 1:02:03.0 */
function clock(us: number): string {
  const tenths = Math.round(us / 1e5);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
