import type { RecordingReader } from '../reader.ts';
import { type AudioFormat, audioFormats, isStereo, writeAudioStem } from './audio-outputs.ts';
import { clockText } from './clock-text.ts';
import { assembleFrames } from './frames.ts';
import { h264Depacketizer } from './h264.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { writeOpusCopy } from './opus-copy.ts';
import { type StemPacket, stemPackets } from './packets.ts';
import { placeAudio } from './place-audio.ts';
import type { ByteSink } from './sink.ts';
import type { SurveyedStem } from './survey.ts';
import { type Rendered, syncOf } from './sync.ts';
import { writeMp4, writeWebm } from './video-stem.ts';
import { vp8Depacketizer } from './vp8.ts';
import { GapWatch } from './watch-gaps.ts';

/** What is made of a stem at once. `sync` is its part of the certificate, as JSON. */
export type StemFormat = AudioFormat | 'webm' | 'mp4' | 'thumbs' | 'sync';

interface StemRendering {
  /** None when nothing that could be shown or heard was ever sent. */
  formats: StemFormat[];
  /** What is missing from the files, a sentence each. */
  notes: string[];
}

interface Made extends StemRendering {
  told: Rendered;
}

type OpenSink = (format: StemFormat) => Promise<ByteSink>;

interface StemTask {
  reader: RecordingReader;
  stem: SurveyedStem;
  /** What the stem's files are called: editors show it. */
  name: string;
  /** 0..1 */
  onProgress(fraction: number): void;
}

/**
 * Renders one stem over the whole length of the recording. The same chunks give the same bytes.
 *
 * @param openSink called once for each format that is written
 */
export async function renderStem(task: StemTask, openSink: OpenSink): Promise<StemRendering> {
  const { reader, stem } = task;
  const notes = stem.damaged.map(
    ({ startUs, endUs, reason }) =>
      `From ${clockText(startUs)} to ${clockText(endUs)} the recording is damaged: ${reason}.`,
  );
  const { codec, chosen, left } = chooseCodec(stem);
  if (codec === null) return { formats: [], notes: [...notes, 'Nothing was ever sent.'] };
  if (left > 0)
    notes.push(`What was sent in another codec than ${codec} is not in this file (${left} packets).`);
  const made = await renderCodec(codec, { ...task, stem: chosen }, openSink);
  notes.push(...made.notes);
  if (made.formats.length === 0) return { formats: [], notes };
  const sync = syncOf(reader.manifest, chosen, codec, made.told, notes);
  await (await openSink('sync')).write(Buffer.from(`${JSON.stringify(sync, null, 2)}\n`));
  return { formats: [...made.formats, 'sync'], notes };
}

/** Copies the Opus packets of a stem as they were received. @returns false when it holds none */
export async function renderOpusCopy(task: StemTask, sink: ByteSink): Promise<boolean> {
  const { codec, chosen } = chooseCodec(task.stem);
  if (codec !== 'audio/opus') return false;
  const totalSamples = samplesOf(task.reader.manifest.durationUs);
  const channels = isCodedStereo(chosen) ? 2 : 1;
  const placed = placeAudio(packetsOf({ ...task, stem: chosen }), totalSamples, () => undefined);
  await writeOpusCopy(placed, { channels, totalSamples }, sink);
  return true;
}

function packetsOf({ reader, stem, onProgress }: StemTask): AsyncGenerator<StemPacket[]> {
  const { durationUs } = reader.manifest;
  return stemPackets(reader, stem, atUs => onProgress(Math.min(1, atUs / durationUs)));
}

async function renderCodec(codec: string, task: StemTask, openSink: OpenSink): Promise<Made> {
  switch (codec) {
    case 'audio/opus':
      return await renderAudio(task, openSink);
    case 'video/vp8':
    case 'video/h264':
      return await renderVideo(codec, task, openSink);
    default:
      return {
        formats: [],
        notes: [`It was sent in ${codec}, which cannot be written to a file yet.`],
        told: NOTHING,
      };
  }
}

/** Nothing was put into the channels of a stem without a file. */
const NOTHING: Rendered = {
  channels: 0,
  size: null,
  malformed: 0,
  rebuiltSamples: 0,
  concealedSamples: 0,
  gaps: [],
};

async function renderAudio(task: StemTask, openSink: OpenSink): Promise<Made> {
  const { startedAt, durationUs, recordingId } = task.reader.manifest;
  const totalSamples = samplesOf(durationUs);
  const { channels, rest } = await channelsOf(task, totalSamples);
  let malformed = 0;
  const repairs = { rebuiltSamples: 0, concealedSamples: 0 };
  const watch = new GapWatch(task.stem);
  const placed = placeAudio(
    watch.watch(packetsOf(rest)),
    totalSamples,
    () => {
      malformed += 1;
    },
    repairs,
  );
  const [wav, flac, m4a, peaks] = [
    await openSink('wav'),
    await openSink('flac'),
    await openSink('m4a'),
    await openSink('peaks'),
  ];
  const origin = { description: `${task.name}, CraterSync ${recordingId}`, startedAt };
  await writeAudioStem(placed, { channels, totalSamples }, origin, { wav, flac, m4a, peaks });
  const notes = malformed === 0 ? [] : [`${malformed} packets were not valid Opus and are left silent.`];
  const told = { channels, size: null, malformed, ...repairs, gaps: watch.finish(durationUs) };
  return { formats: [...audioFormats], notes, told };
}

/** Of a reading, as whether two channels differ takes one of its own at most. */
const PROBING = 0.3;

/** @returns how many channels are worth writing, and the task with what is left of its progress */
async function channelsOf(
  task: StemTask,
  totalSamples: number,
): Promise<{ channels: 1 | 2; rest: StemTask }> {
  if (!isCodedStereo(task.stem)) return { channels: 1, rest: task };
  const share = (from: number, part: number): StemTask => ({
    ...task,
    onProgress: fraction => task.onProgress(from + fraction * part),
  });
  const placed = placeAudio(packetsOf(share(0, PROBING)), totalSamples, () => undefined);
  const channels = (await isStereo(placed, totalSamples)) ? 2 : 1;
  return { channels, rest: share(PROBING, 1 - PROBING) };
}

const isCodedStereo = (stem: SurveyedStem) =>
  stem.tracks.some(track => [...track.streams.values()].some(({ stereo }) => stereo));

async function renderVideo(
  codec: 'video/vp8' | 'video/h264',
  task: StemTask,
  openSink: OpenSink,
): Promise<Made> {
  const { stem, reader } = task;
  const vp8 = codec === 'video/vp8';
  let dropped = 0;
  const watch = new GapWatch(stem);
  const frames = assembleFrames(
    watch.watch(packetsOf(task)),
    vp8 ? vp8Depacketizer : h264Depacketizer,
    () => {
      dropped += 1;
    },
  );
  const pausesUs = stem.tracks.flatMap(track => track.pausesUs).sort((a, b) => a - b);
  const shape = { durationUs: reader.manifest.durationUs, pausesUs, steady: stem.source === 'camera' };
  const format = vp8 ? 'webm' : 'mp4';
  const sink = await openSink(format);
  const size = vp8 ? await writeWebm(frames, shape, sink) : await writeMp4(frames, shape, sink);
  if (size === null) return { formats: [], notes: ['No whole picture ever arrived.'], told: NOTHING };
  const notes =
    dropped === 0
      ? []
      : [`${dropped} pictures could not be rebuilt after a loss; the one before each is held.`];
  return { formats: [format], notes, told: { ...NOTHING, size, gaps: watch.finish(shape.durationUs) } };
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
