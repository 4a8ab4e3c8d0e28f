import { FfmpegError, type FfmpegInput, runFfmpeg } from './ffmpeg.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { pcmInput } from './pcm.ts';
import type { StoredWav } from './stored-file.ts';
import { BYTES_PER_SAMPLE } from './wav.ts';

/** What podcasts are published at. */
const LOUDNESS = 'I=-16:TP=-1:LRA=11';

/** What loudnorm (EBU R 128) found in the first pass, in its own words. */
interface Measured {
  input_i: string;
  input_tp: string;
  input_lra: string;
  input_thresh: string;
  target_offset: string;
}

/**
 * All sounds together in stereo, at −16 LUFS and at most −1 dBTP: measured first, then raised or lowered by what was
 * measured. Gain is constant where the peaks allow it.
 *
 * @param onProgress 0..1
 * @returns PCM of 24 bits as long as the longest, to the sample; as it is where there is nothing to be heard
 */
export async function* mixLoud(
  sounds: readonly StoredWav[],
  onProgress: (fraction: number) => void,
): AsyncGenerator<Buffer> {
  const [first] = sounds;
  if (first === undefined) throw new RangeError('no sounds');
  const measured = await measure(sounds, fraction => onProgress(fraction / 2));
  const normalize =
    Number(measured.input_i) > -70
      ? `,loudnorm=${LOUDNESS}:linear=true:measured_I=${measured.input_i}:measured_TP=${measured.input_tp}` +
        `:measured_LRA=${measured.input_lra}:measured_thresh=${measured.input_thresh}` +
        `:offset=${measured.target_offset}`
      : '';
  // Resampling back rounds peaks up a little: what is over by that is taken off.
  const filter = `${mixed(sounds)}${normalize},aresample=${OPUS_RATE_HZ},alimiter=limit=0.8859:level=false:attack=1[out]`;
  const output = ['-filter_complex', filter, '-map', '[out]', '-c:a', 'pcm_s24le', '-f', 's24le'];
  const totalBytes = Math.max(...sounds.map(({ totalSamples }) => totalSamples)) * 2 * BYTES_PER_SAMPLE;
  let bytes = 0;
  const inputs = inputsOf(sounds, fraction => onProgress(0.5 + fraction / 2));
  for await (const part of runFfmpeg(inputs, output)) {
    const kept = part.subarray(0, totalBytes - bytes);
    bytes += kept.length;
    if (kept.length > 0) yield kept;
  }
  if (bytes < totalBytes) yield Buffer.alloc(totalBytes - bytes);
}

async function measure(
  sounds: readonly StoredWav[],
  onProgress: (fraction: number) => void,
): Promise<Measured> {
  const filter = `${mixed(sounds)},loudnorm=${LOUDNESS}:print_format=json[out]`;
  const output = ['-filter_complex', filter, '-map', '[out]', '-f', 'null'];
  let log = '';
  const run = runFfmpeg(inputsOf(sounds, onProgress), output, said => {
    log = said;
  });
  for await (const _ of run);
  const json = /\{[^{}]*"input_i"[^{}]*\}/.exec(log)?.[0];
  if (json === undefined) throw new FfmpegError('ffmpeg did not tell how loud it is', log);
  return JSON.parse(json);
}

/** Sums them without turning anybody down: who is silent costs the others nothing. */
function mixed(sounds: readonly StoredWav[]): string {
  const labels = sounds.map((_, index) => `[${index}:a]`).join('');
  const stereo = 'aformat=channel_layouts=stereo';
  return sounds.length === 1
    ? `[0:a]${stereo}`
    : `${labels}amix=inputs=${sounds.length}:normalize=0:duration=longest,${stereo}`;
}

const inputsOf = (sounds: readonly StoredWav[], onProgress: (fraction: number) => void): FfmpegInput[] =>
  sounds.map((sound, index) => ({
    options: pcmInput(sound.channels),
    bytes: sound.pcm(index === 0 ? onProgress : undefined),
  }));
