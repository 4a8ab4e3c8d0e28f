import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import openWabt from 'wabt';
import { fromPcm24 } from './fixtures/media.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { Resampler } from './resampler.ts';

/** Below full scale, where PCM would be clipped. */
const LEVEL = 0.9;

/** Resamples a sine of `hz` (input rate) by a skew, in blocks as packets bring them. @returns its middle, free of edges */
function resample(hz: number, skewPpm: number, seconds = 2): Float64Array {
  const outputs = new Float64Array(seconds * OPUS_RATE_HZ);
  const resampler = new Resampler(1, (first, pcm) => {
    outputs.set(fromPcm24(Buffer.from(pcm)), first);
  });
  const block = 960;
  const spacing = block * (1 + skewPpm / 1e6);
  for (let index = 0; (index + 1) * spacing < outputs.length; index += 1) {
    const input = Float32Array.from(
      { length: block },
      (_, k) => LEVEL * Math.sin((2 * Math.PI * hz * (index * block + k)) / OPUS_RATE_HZ),
    );
    resampler.push([input], index * spacing, (index + 1) * spacing);
  }
  resampler.finish();
  return outputs.subarray(4800, outputs.length - 4800);
}

/** Least squares of a sine at a known frequency: its level, and what is left, both in dB of what it was. */
function analyse(samples: Float64Array, hz: number): { levelDb: number; restDb: number } {
  let [ss, sc, cc, ys, yc] = [0, 0, 0, 0, 0];
  const step = (2 * Math.PI * hz) / OPUS_RATE_HZ;
  for (const [index, y] of samples.entries()) {
    const [s, c] = [Math.sin(step * index), Math.cos(step * index)];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    ys += y * s;
    yc += y * c;
  }
  const determinant = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / determinant;
  const b = (yc * ss - ys * sc) / determinant;
  let rest = 0;
  for (const [index, y] of samples.entries())
    rest += (y - a * Math.sin(step * index) - b * Math.cos(step * index)) ** 2;
  return {
    levelDb: 20 * Math.log10(Math.hypot(a, b) / LEVEL),
    restDb: 10 * Math.log10(rest / samples.length / (0.5 * LEVEL ** 2)),
  };
}

describe('taking drift out', () => {
  it('is done by what resample.wat says: resample.wasm is that text, assembled', async () => {
    const read = (name: string) => readFile(join(import.meta.dirname, name));
    const text = (await read('resample.wat')).toString();
    const module = (await openWabt()).parseWat('resample.wat', text, { simd: true, sat_float_to_int: true });
    expect(Buffer.from(module.toBinary({}).buffer).equals(await read('resample.wasm'))).to.equal(true);
  });

  for (const skewPpm of [-500, 3, 500])
    it(`of ${skewPpm} ppm leaves voices and music as they are: no colour, and nothing added that could be heard`, () => {
      const table: string[] = [];
      for (const hz of [50, 1000, 5000, 10_000, 15_000, 18_000, 19_900]) {
        const { levelDb, restDb } = analyse(resample(hz, skewPpm), hz / (1 + skewPpm / 1e6));
        table.push(`${hz} Hz: ${levelDb.toFixed(3)} dB, THD+N ${restDb.toFixed(1)} dB`);
        // Opus itself passes 20 kHz at most, and adds far more noise than this.
        expect(Math.abs(levelDb), table.join('; ')).to.be.below(hz <= 18_000 ? 0.01 : 0.1);
        expect(restDb, table.join('; ')).to.be.below(hz <= 10_000 ? -90 : hz <= 18_000 ? -85 : -70);
      }
    });
});
