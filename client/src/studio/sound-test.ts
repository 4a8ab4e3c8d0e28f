import { CLIPPING_DB, type LevelMeter, openLevelMeter } from './level-meter.ts';
import { followSpeaker } from './speaker.ts';

const RECORD_MS = 3_000;
const LOOK_EVERY_MS = 50;

export type SoundFinding = 'silent' | 'quiet' | 'too-loud' | 'noisy' | 'echo';

/** dB full scale */
const limits = { silent: -50, quiet: -30, noise: -45, echoAboveNoise: 15 };

/**
 * What is wrong with a microphone, by its levels (dB full scale): while the person spoke, and while the loudspeaker played
 * that back to them. Nothing is wrong when nothing is found.
 */
export function judgeSound(spoken: readonly number[], playedBack: readonly number[]): SoundFinding[] {
  const peak = Math.max(Number.NEGATIVE_INFINITY, ...spoken);
  if (peak < limits.silent) return ['silent'];
  // Between words there is only the room.
  const noise = shareOf(spoken, 0.1);
  const found: SoundFinding[] = [];
  if (peak >= CLIPPING_DB) found.push('too-loud');
  else if (peak < limits.quiet) found.push('quiet');
  if (noise > limits.noise) found.push('noisy');
  const heardBack = shareOf(playedBack, 0.9);
  if (heardBack > Math.max(noise, limits.silent) + limits.echoAboveNoise) found.push('echo');
  return found;
}

/** The level below which this share of the moments lie. */
function shareOf(levels: readonly number[], share: number): number {
  const sorted = levels.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NEGATIVE_INFINITY;
}

export type SoundTestPhase = 'recording' | 'playing';

/** Records a moment and plays it back. Nothing of it leaves the browser. @throws `signal`'s reason when it is given up */
export async function testSound(
  track: MediaStreamTrack,
  options: { signal: AbortSignal; onPhase: (phase: SoundTestPhase) => void },
): Promise<SoundFinding[]> {
  const { signal, onPhase } = options;
  const meter = openLevelMeter(track);
  try {
    onPhase('recording');
    const recorded = recordFor(track, RECORD_MS, signal);
    const spoken = await levelsUntil(recorded, meter);
    onPhase('playing');
    const playedBack = await levelsUntil(play(await recorded, signal), meter);
    return judgeSound(spoken, playedBack);
  } finally {
    meter.close();
  }
}

async function levelsUntil(end: Promise<unknown>, meter: LevelMeter): Promise<number[]> {
  const levels: number[] = [];
  const timer = setInterval(() => levels.push(meter.readDb()), LOOK_EVERY_MS);
  try {
    await end;
  } finally {
    clearInterval(timer);
  }
  return levels;
}

function recordFor(track: MediaStreamTrack, durationMs: number, signal: AbortSignal): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(new MediaStream([track]));
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    recorder.addEventListener('error', () => reject(new Error('the browser could not record')));
    recorder.addEventListener('stop', () =>
      signal.aborted ? reject(signal.reason) : resolve(new Blob(parts, { type: recorder.mimeType })),
    );
    const stop = () => recorder.state !== 'inactive' && recorder.stop();
    signal.addEventListener('abort', stop, { once: true });
    recorder.start();
    setTimeout(stop, durationMs);
  });
}

async function play(sound: Blob, signal: AbortSignal): Promise<void> {
  const url = URL.createObjectURL(sound);
  const audio = new Audio(url);
  const leaveSpeaker = followSpeaker(audio);
  const stop = () => audio.pause();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await audio.play();
    await new Promise<void>((resolve, reject) => {
      for (const event of ['ended', 'pause']) audio.addEventListener(event, () => resolve());
      audio.addEventListener('error', () => reject(new Error('the browser could not play it')));
    });
    signal.throwIfAborted();
  } finally {
    leaveSpeaker();
    URL.revokeObjectURL(url);
  }
}
