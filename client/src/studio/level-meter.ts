/** The quietest level that a meter shows, dB below full scale. */
const FLOOR_DB = -60;

/** From here on samples are cut off: of full scale, nothing is that loud that was not. */
export const CLIPPING_DB = -0.2;

/** Loudest sample of a stretch of sound, in dB full scale. */
export function peakDb(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak === 0 ? Number.NEGATIVE_INFINITY : 20 * Math.log10(peak);
}

/** Where a level stands on a meter, 0..1. */
export const meterPosition = (db: number): number => Math.min(1, Math.max(0, 1 - db / FLOOR_DB));

let shared: AudioContext | null = null;

/** One for the page. Until the person has clicked or typed, some browsers keep it asleep. */
function audioContext(): AudioContext {
  if (shared !== null) return shared;
  const context = new AudioContext();
  const wake = () => void context.resume();
  for (const gesture of ['pointerdown', 'keydown']) document.addEventListener(gesture, wake);
  shared = context;
  return context;
}

export interface LevelMeter {
  /** Peak of the last 40 ms or so, dB full scale. */
  readDb(): number;
  close(): void;
}

export function openLevelMeter(track: MediaStreamTrack): LevelMeter {
  const context = audioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    readDb() {
      analyser.getFloatTimeDomainData(samples);
      return peakDb(samples);
    },
    close: () => source.disconnect(),
  };
}
