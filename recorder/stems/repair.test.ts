import { expect } from 'chai';
import { Application, createEncoder, Signal } from 'libopus-wasm';
import { amplitudeOf, tone } from './fixtures/media.ts';
import { journal, opusInfo, opusUnits, readerOf, type TestTrack } from './fixtures/recording.ts';
import { renderAll, samplesIn } from './fixtures/render.ts';
import { holdsFec } from './opus.ts';
import { stemPackets } from './packets.ts';
import { placeAudio, type RepairAccount } from './place-audio.ts';
import { survey } from './survey.ts';

/** Speech-like mode of the encoder, in which a packet carries a copy of the one before it. */
async function encodeWithFec(samples: Float32Array, fec = true): Promise<Buffer[]> {
  const encoder = await createEncoder({
    channels: 1,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate: 32_000,
    fec,
    packetLossPercent: 20,
  });
  const packets: Buffer[] = [];
  for (let at = 0; at + 960 <= samples.length; at += 960)
    packets.push(Buffer.from(encoder.encodeFloat(samples.subarray(at, at + 960))));
  encoder.free();
  return packets;
}

/** Steps of a scale, one for each packet: what is made up from the packet before has the wrong pitch. */
function steps(seconds: number): Float32Array {
  const samples = new Float32Array(seconds * 48_000);
  let phase = 0;
  for (let index = 0; index < samples.length; index += 1) {
    phase += (2 * Math.PI * pitchAt(index / 48_000)) / 48_000;
    samples[index] = 0.4 * Math.sin(phase);
  }
  return samples;
}
const pitchAt = (atS: number) => 300 + 150 * (Math.floor(atS / 0.06) % 4);

function track(packets: Buffer[], lost: (index: number) => boolean): TestTrack {
  const info = opusInfo(1);
  return { person: 1, source: 'mic', info, records: journal(opusUnits(packets), info, { startS: 0, lost }) };
}

async function accountOf(tracks: TestTrack[]): Promise<RepairAccount> {
  const reader = readerOf(tracks, 4e6);
  const account = { rebuiltSamples: 0, concealedSamples: 0 };
  for (const stem of await survey(reader))
    for await (const _ of placeAudio(
      stemPackets(reader, stem, () => {}),
      4 * 48_000,
      () => {},
      account,
    ));
  return account;
}

describe('lost audio', () => {
  /** One packet a second. */
  const single = (index: number) => index > 50 && index % 50 === 25;

  it('is rebuilt from the copy in the packet behind it, at its true pitch', async () => {
    const packets = await encodeWithFec(steps(4));
    // The first packet of a step: what came before it has another pitch.
    const chosen = packets.flatMap((_, index) =>
      index % 15 === 0 && index > 0 && holdsFec(packets[index + 1] ?? Buffer.alloc(1)) ? [index] : [],
    );
    expect(chosen.length).to.be.above(5);
    const tracks = [track(packets, index => chosen.includes(index))];
    const samples = await samplesIn((await renderAll(tracks, 4))[0]);
    for (const index of chosen) {
      const atS = index * 0.02;
      const piece = samples.subarray(atS * 48_000 + 100, atS * 48_000 + 960);
      const right = amplitudeOf(piece, pitchAt(atS + 0.001));
      expect(right, `at ${atS} s`).to.be.above(2 * amplitudeOf(piece, pitchAt(atS - 0.001)));
    }
    const rebuiltSamples = chosen.length * 960;
    expect(await accountOf(tracks)).to.deep.equal({ rebuiltSamples, concealedSamples: 0 });
  });

  it('is concealed where no packet holds a copy, without a hole or a click', async () => {
    const packets = await encodeWithFec(tone(440, 4), false);
    expect(packets.some(holdsFec)).to.equal(false);
    const tracks = [track(packets, single)];
    const samples = await samplesIn((await renderAll(tracks, 4))[0]);
    const [whole] = await renderAll([track(packets, () => false)], 4);
    const untouched = await samplesIn(whole);
    for (const second of [1, 2, 3]) {
      const from = (second + 0.5) * 48_000;
      const level = amplitudeOf(samples.subarray(from, from + 960), 440);
      expect(level).to.be.above(0.15 * amplitudeOf(untouched.subarray(from, from + 960), 440));
    }
    expect(await accountOf(tracks)).to.deep.equal({ rebuiltSamples: 0, concealedSamples: 3 * 960 });
  });

  it('of up to 120 ms is repaired, and of more left silent for as long as it lasted', async () => {
    const packets = await encodeWithFec(tone(440, 4));
    const lost = (index: number) => (index >= 50 && index < 56) || (index >= 100 && index < 107);
    const tracks = [track(packets, lost)];
    const samples = await samplesIn((await renderAll(tracks, 4))[0]);
    const silent = (fromS: number, toS: number) =>
      samples.subarray(fromS * 48_000, toS * 48_000).every(value => value === 0);
    expect(amplitudeOf(samples.subarray(1.1 * 48_000, 1.12 * 48_000), 440)).to.be.above(0.1);
    expect(silent(2.0, 2.13)).to.equal(true);
    expect(amplitudeOf(samples.subarray(2.16 * 48_000, 2.3 * 48_000), 440)).to.be.above(0.2);
    expect(await accountOf(tracks)).to.deep.equal({ rebuiltSamples: 960, concealedSamples: 5 * 960 });
  });

  it('leaves what stands after it in its place', async () => {
    const clicks = new Float32Array(4 * 48_000);
    for (let at = 24_000; at < clicks.length; at += 24_000) clicks[at] = 0.9;
    const packets = await encodeWithFec(clicks);
    const lost = (index: number) => index % 7 === 3;
    const samples = await samplesIn((await renderAll([track(packets, lost)], 4))[0]);
    const untouched = await samplesIn((await renderAll([track(packets, () => false)], 4))[0]);
    const loudest = (of: Float32Array, centre: number) => {
      let best = centre - 2000;
      for (let index = best; index < centre + 2000; index += 1)
        if (Math.abs(of[index] ?? 0) > Math.abs(of[best] ?? 0)) best = index;
      return best;
    };
    let compared = 0;
    for (let at = 24_000; at < clicks.length - 2000; at += 24_000) {
      const packet = at / 960;
      if (lost(packet) || lost(packet + 1)) continue;
      expect(loudest(samples, at)).to.be.closeTo(loudest(untouched, at), 24);
      compared += 1;
    }
    expect(compared).to.be.above(3);
  });
});
