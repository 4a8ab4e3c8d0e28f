import { expect } from 'chai';
import { renderPcm } from './audio-stem.ts';
import { amplitudeOf, encodeOpus, fromPcm24, peakIndex, tone } from './fixtures/media.ts';
import { OPUS_LOOKAHEAD_SAMPLES } from './opus.ts';
import type { PlacedAudio } from './place-audio.ts';

/** Lays packets of 960 samples one after the other, each `spacing` output samples long. */
function* lay(packets: Buffer[], startIndex: number, spacing = 960): Generator<PlacedAudio> {
  for (const [index, payload] of packets.entries()) {
    const from = startIndex + index * spacing;
    const ends = { startsRun: index === 0, endsRun: index === packets.length - 1 };
    const starts = { startsStream: false, lostSamples: 0 };
    yield { payload, samples: 960, from, to: from + spacing, ...ends, ...starts };
  }
}

async function render(placed: Iterable<PlacedAudio>, totalSamples: number): Promise<Float32Array> {
  async function* stream() {
    yield [...placed];
  }
  const parts: Buffer[] = [];
  for await (const part of renderPcm(stream(), { channels: 1, totalSamples })) parts.push(part);
  return fromPcm24(Buffer.concat(parts));
}

describe('audio rendering', () => {
  for (const application of ['audio', 'voip']) {
    it(`puts a click on its sample, when the lookahead of the encoder (${application}) is taken off`, async () => {
      const input = new Float32Array(48_000);
      input[24_000] = 0.9;
      const packets = await encodeOpus(input, 1, ['-application', application]);
      const output = await render(lay(packets, 10_000 - OPUS_LOOKAHEAD_SAMPLES), 96_000);
      expect(output).to.have.length(96_000);
      expect(peakIndex(output)).to.be.closeTo(34_000, 2);
    });
  }

  it('resamples a skew of 500 ppm out, and keeps the tone clean', async () => {
    const packets = await encodeOpus(tone(1000, 10));
    const spacing = 960 * (1 + 500e-6);
    const output = await render(lay(packets, 0, spacing), 480_000);
    const middle = output.subarray(48_000, 432_000);
    const hz = 1000 / (1 + 500e-6);
    const found = amplitudeOf(middle, hz);
    expect(found).to.be.closeTo(0.5, 0.01);
    const power = middle.reduce((sum, value) => sum + value * value, 0) / middle.length;
    expect(10 * Math.log10(Math.abs(power - found ** 2 / 2) / power)).to.be.below(-30);
  });

  it('leaves exact silence where nothing was sent, and ends sound without a click', async () => {
    const packets = await encodeOpus(tone(440, 1));
    const placed = [...lay(packets.slice(0, 25), 0), ...lay(packets.slice(25, 50), 72_000)];
    const output = await render(placed, 144_000);
    expect(output.subarray(24_100, 71_900).every(value => value === 0)).to.equal(true);
    expect(amplitudeOf(output.subarray(1000, 23_000), 440)).to.be.closeTo(0.5, 0.02);
    expect(amplitudeOf(output.subarray(73_000, 95_000), 440)).to.be.closeTo(0.5, 0.02);
    let steepest = 0;
    for (let index = 1; index < output.length; index += 1) {
      steepest = Math.max(steepest, Math.abs((output[index] ?? 0) - (output[index - 1] ?? 0)));
    }
    // A 440 Hz tone of this level rises by 0.029 a sample at most; a click would rise by its whole level.
    expect(steepest).to.be.below(0.06);
  });

  it('cuts what lies before the first and after the last sample of the recording', async () => {
    const packets = await encodeOpus(tone(440, 1));
    const output = await render(lay(packets, -24_000.5), 12_000);
    expect(output).to.have.length(12_000);
    expect(amplitudeOf(output, 440)).to.be.closeTo(0.5, 0.02);
  });

  it('is silent for its whole length when nothing falls into it', async () => {
    const output = await render([], 50_000);
    expect(output).to.have.length(50_000);
    expect(output.every(value => value === 0)).to.equal(true);
  });
});
