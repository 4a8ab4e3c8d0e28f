/** What is heard in the room: a chirp a second, at times that everybody's microphone agrees on, and where a stem has it. */

export const RATE_HZ = 48_000;
const CHIRP_S = 0.04;
const FROM_HZ = 500;
const TO_HZ = 3500;

/** A sweep under a Hann window, `atS` after its begin: its autocorrelation has one sharp peak. */
function chirp(atS: number): number {
  if (atS < 0 || atS >= CHIRP_S) return 0;
  const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * atS) / CHIRP_S);
  const phase = 2 * Math.PI * (FROM_HZ * atS + ((TO_HZ - FROM_HZ) * atS * atS) / (2 * CHIRP_S));
  return 0.6 * window * Math.sin(phase);
}

/** A media clock: which instant (rig time, s) its samples were captured at. */
export interface MediaClock {
  timeOf(sample: number): number;
  /** The first sample that is captured at that time or later. */
  sampleAt(timeS: number): number;
}

/** What a microphone with such a clock hears, over a floor of noise that keeps encoders awake; `floor` 0: none. */
export function hear(
  clock: MediaClock,
  samples: number,
  chirpsS: readonly number[],
  floor = 0.003,
): Float32Array {
  const heard = new Float32Array(samples);
  let state = 1;
  for (let index = 0; index < samples; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    heard[index] = (floor * state) / 2 ** 31;
  }
  for (const chirpS of chirpsS) {
    const end = Math.min(samples, clock.sampleAt(chirpS + CHIRP_S));
    for (let index = Math.max(0, clock.sampleAt(chirpS)); index < end; index += 1)
      heard[index] = (heard[index] ?? 0) + chirp(clock.timeOf(index) - chirpS);
  }
  return heard;
}

/** Whole seconds, so that a picture can flash on them. */
export const chirpsBetween = (fromS: number, toS: number): number[] =>
  Array.from({ length: Math.max(0, Math.floor(toS) - Math.ceil(fromS) + 1) }, (_, k) => Math.ceil(fromS) + k);

/** A chirp and what is around it of one microphone: which media must be intact for it to be judged. */
export const CHIRP_SPAN_S = { before: 0.03, after: CHIRP_S + 0.03 };

/** As sampled from its begin. */
export const CHIRP = Float32Array.from({ length: CHIRP_S * RATE_HZ }, (_, index) => chirp(index / RATE_HZ));
const COARSE = 6;
const COARSE_CHIRP = thinned(CHIRP, 0, CHIRP.length);
const HEARD_CORRELATION = 0.6;

/**
 * By cross-correlation, first over every sixth sample, then over each, and between them by a parabola.
 * @returns how many seconds after `expectedS` the chirp stands, within ±`withinS`; null when it is not to be found
 */
export function findChirp(stem: Float32Array, expectedS: number, withinS = 0.25): number | null {
  const from = Math.round((expectedS - withinS) * RATE_HZ);
  const to = Math.round((expectedS + withinS) * RATE_HZ);
  if (from < 0 || to + CHIRP.length > stem.length) return null;
  const coarse = thinned(stem, from, to + CHIRP.length);
  const near = from + COARSE * best(coarse, COARSE_CHIRP, 0, coarse.length - COARSE_CHIRP.length).at;
  const { at, value } = best(stem, CHIRP, near - 16, near + 16);
  if (value < HEARD_CORRELATION) return null;
  const [left, right] = [correlation(stem, CHIRP, at - 1), correlation(stem, CHIRP, at + 1)];
  const bend = left - 2 * value + right;
  const fraction = bend === 0 ? 0 : (left - right) / (2 * bend);
  return (at + fraction) / RATE_HZ - expectedS;
}

function thinned(samples: Float32Array, from: number, to: number): Float32Array {
  return Float32Array.from({ length: Math.floor((to - from) / COARSE) }, (_, index) => {
    const start = from + index * COARSE;
    let sum = 0;
    for (let k = start; k < start + COARSE; k += 1) sum += samples[k] ?? 0;
    return sum / COARSE;
  });
}

function best(samples: Float32Array, template: Float32Array, from: number, to: number) {
  let [at, value] = [from, Number.NEGATIVE_INFINITY];
  for (let lag = from; lag <= to; lag += 1) {
    const found = correlation(samples, template, lag);
    if (found > value) [at, value] = [lag, found];
  }
  return { at, value };
}

/** Normalized: 1 is a perfect match, whatever the level. */
function correlation(samples: Float32Array, template: Float32Array, lag: number): number {
  let [product, power, norm] = [0, 1e-12, 1e-12];
  for (let k = 0; k < template.length; k += 1) {
    const sample = samples[lag + k] ?? 0;
    const wanted = template[k] as number;
    product += sample * wanted;
    power += sample * sample;
    norm += wanted * wanted;
  }
  return product / Math.sqrt(power * norm);
}
