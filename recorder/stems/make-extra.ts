import { kindOf, type RenderFormat } from '@cratersync/signaling/protocol';
import type { RecordingReader } from '../reader.ts';
import type { ObjectStore } from '../store/index.ts';
import { writeM4a } from './aac.ts';
import { writeWav } from './audio-outputs.ts';
import type { FfmpegInput } from './ffmpeg.ts';
import { type FilmSound, writeFilm } from './film.ts';
import { gridFilter, PICTURE_INPUT, steady } from './grid.ts';
import type { StemRow } from './ledger.ts';
import { mixLoud } from './mix.ts';
import { writeMp3 } from './mp3.ts';
import { renderOpusCopy } from './render-stem.ts';
import type { ByteSink } from './sink.ts';
import { collect, mp4TablesFirst, openWav, type StoredWav, storedFile } from './stored-file.ts';
import { survey } from './survey.ts';
import type { StemSync } from './sync.ts';

/** What somebody ordered cannot be made of what there is: a sentence for them. */
export class NothingToRender extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NothingToRender';
  }
}

interface ExtraTask {
  format: RenderFormat;
  reader: RecordingReader;
  store: Pick<ObjectStore, 'get'>;
  /** All of the recording. */
  stems: readonly StemRow[];
  /** What is made of one stem; null for what is made of all. */
  stem: StemRow | null;
  /** 0..1 */
  onProgress(fraction: number): void;
}

/**
 * Makes what somebody ordered, from the stems' own files where these hold all it takes. The same stems give the same
 * bytes.
 * @throws NothingToRender
 */
export async function makeExtra(task: ExtraTask, sink: ByteSink): Promise<void> {
  switch (task.format) {
    case 'mp3': {
      const wav = await wavOf(task, required(task));
      return await writeMp3(wav.pcm(task.onProgress), wav, sink);
    }
    case 'opus':
      return await makeOpusCopy(task, sink);
    case 'cfr':
      return await makeFilm(task, required(task), sink);
    case 'mix':
    case 'mix-mp3':
    case 'mix-m4a':
      return await makeMix(task, task.format, sink);
    case 'grid':
      return await makeGrid(task, sink);
  }
}

/** What a downloaded file is called, behind the name of its stem or of nothing. */
export const extraEndings = {
  mp3: '.mp3',
  opus: '.ogg',
  cfr: '-30fps.mp4',
  mix: 'mix.wav',
  'mix-mp3': 'mix.mp3',
  'mix-m4a': 'mix.m4a',
  grid: 'grid.mp4',
} as const satisfies Record<RenderFormat, string>;

function required({ stem }: ExtraTask): StemRow {
  if (stem === null) throw new NothingToRender('It is made of one stem, which is not there any more.');
  return stem;
}

const fileOf = (stem: StemRow, ...formats: string[]) =>
  stem.files.find(({ format }) => formats.includes(format)) ?? null;

async function wavOf({ store, reader }: ExtraTask, stem: StemRow): Promise<StoredWav> {
  const file = fileOf(stem, 'wav');
  if (file === null) throw new NothingToRender(`${stem.name} has no sound that could be used.`);
  return await openWav(storedFile(store, reader.sessionKey, file));
}

async function makeOpusCopy(task: ExtraTask, sink: ByteSink): Promise<void> {
  const { reader, onProgress } = task;
  const { participantId, source, name } = required(task);
  const surveyed = await survey(reader);
  const stem = surveyed.find(each => each.participantId === participantId && each.source === source);
  const done = stem !== undefined && (await renderOpusCopy({ reader, stem, name, onProgress }, sink));
  if (!done) throw new NothingToRender(`${name} has no sound that could be copied.`);
}

async function makeMix(
  task: ExtraTask,
  format: 'mix' | 'mix-mp3' | 'mix-m4a',
  sink: ByteSink,
): Promise<void> {
  const sounds = await allSounds(task);
  const [first] = sounds;
  if (first === undefined) throw new NothingToRender('Nobody can be heard in this recording.');
  const shape = { channels: 2, totalSamples: first.totalSamples } as const;
  const pcm = mixLoud(sounds, task.onProgress);
  if (format === 'mix-mp3') return await writeMp3(pcm, shape, sink);
  if (format === 'mix-m4a') return await writeM4a(pcm, shape, sink);
  const { recordingId, startedAt } = task.reader.manifest;
  const origin = { description: `mix, CraterSync ${recordingId}`, startedAt };
  await writeWav(pcm, shape, origin, sink);
}

async function allSounds(task: ExtraTask): Promise<StoredWav[]> {
  const heard = task.stems.filter(stem => kindOf(stem.source) === 'audio' && fileOf(stem, 'wav') !== null);
  return await Promise.all(heard.map(stem => wavOf(task, stem)));
}

/** The pictures of one stem, with the sound of the same person, or of the same screen. */
async function makeFilm(task: ExtraTask, stem: StemRow, sink: ByteSink): Promise<void> {
  const source = stem.source === 'screen' ? 'screen-audio' : 'mic';
  const beside = task.stems.find(
    each =>
      each.participantId === stem.participantId && each.source === source && fileOf(each, 'wav') !== null,
  );
  const wav = beside === undefined ? null : await wavOf(task, beside);
  const size = (await syncOf(task, stem)).size;
  if (size === null) throw new NothingToRender(`${stem.name} has no pictures.`);
  const even = { width: size.width + (size.width % 2), height: size.height + (size.height % 2) };
  await writeFilm(
    {
      inputs: [pictures(task, stem)],
      filter: `[0:v]${steady(even)}[out]`,
      durationUs: task.reader.manifest.durationUs,
      sound: wav === null ? null : { ...wav, pcm: wav.pcm() },
      onProgress: task.onProgress,
    },
    sink,
  );
}

async function makeGrid(task: ExtraTask, sink: ByteSink): Promise<void> {
  const seen = task.stems.filter(stem => fileOf(stem, 'webm', 'mp4') !== null);
  if (seen.length === 0) throw new NothingToRender('Nobody can be seen in this recording.');
  const sounds = await allSounds(task);
  const [first] = sounds;
  const sound: FilmSound | null =
    first === undefined
      ? null
      : { channels: 2, totalSamples: first.totalSamples, pcm: mixLoud(sounds, () => undefined) };
  const tiles = seen.map(({ participantName, source }) => ({
    name: source === 'screen' ? `${participantName} (screen)` : participantName,
  }));
  const inputs = seen.map(stem => pictures(task, stem));
  const { durationUs } = task.reader.manifest;
  await writeFilm(
    { inputs, filter: gridFilter(tiles), durationUs, sound, onProgress: task.onProgress },
    sink,
  );
}

/** A stem's pictures as ffmpeg reads them from a pipe. */
function pictures({ store, reader }: ExtraTask, stem: StemRow): FfmpegInput {
  const file = fileOf(stem, 'webm', 'mp4');
  if (file === null) throw new NothingToRender(`${stem.name} has no pictures.`);
  const stored = storedFile(store, reader.sessionKey, file);
  const bytes = file.format === 'webm' ? stored.read(0, file.bytes - 1) : mp4TablesFirst(stored);
  return { options: [...PICTURE_INPUT, '-f', file.format === 'webm' ? 'matroska' : 'mov'], bytes };
}

async function syncOf({ store, reader }: ExtraTask, stem: StemRow): Promise<StemSync> {
  const file = fileOf(stem, 'sync');
  if (file === null) throw new NothingToRender(`${stem.name} is not ready.`);
  const json = await collect(storedFile(store, reader.sessionKey, file).read(0, file.bytes - 1));
  return JSON.parse(json.toString());
}
