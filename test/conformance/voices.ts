import { Application, createEncoder } from 'libopus-wasm';
import { chirpsBetween, hear, type MediaClock, RATE_HZ } from './pattern.ts';

/** One connection of one person's microphone, as a case wants it. Times are rig time, s. */
export interface Voice {
  startS: number;
  endS: number;
  /** How much faster than true its media clock runs. */
  skewPpm: number;
  /** What its wall clock, which Sender Reports quote, shows too much. */
  wallOffsetS: number;
  /** One way; the way back takes as long. */
  delayMs: number;
  /** On top of it, for each packet by itself; 0 to 1 → ms. */
  jitterMs: (random: number) => number;
  /** Whether the nth packet is lost on the way. */
  lost: (packet: number, random: number) => boolean;
  reports: { everyS: number; firstIsWrong: boolean } | null;
  muted: { fromS: number; toS: number } | null;
  dtx: boolean;
  /** Nothing is captured for a while, then by another device; the RTP clock only counts samples. */
  deviceChange: { atS: number; silentS: number; skewPpm: number } | null;
  firstTimestamp: number;
}

export const plainVoice: Voice = {
  startS: 0,
  endS: Number.POSITIVE_INFINITY,
  skewPpm: 0,
  wallOffsetS: 0,
  delayMs: 20,
  jitterMs: random => 4 * random,
  lost: () => false,
  reports: { everyS: 1, firstIsWrong: false },
  muted: null,
  dtx: false,
  deviceChange: null,
  firstTimestamp: 4_294_500_000,
};

export type Fate = 'arrives' | 'lost' | 'muted' | 'not-sent';

export interface VoicePacket {
  index: number;
  payload: Buffer;
  timestamp: number;
  /** When its first sample was captured, and when its last one had been. */
  capturedS: number;
  readyS: number;
  fate: Fate;
}

export const PACKET_SAMPLES = 960;

export function clockOf({ startS, skewPpm, deviceChange }: Voice): MediaClock {
  const rate = RATE_HZ * (1 + skewPpm / 1e6);
  const timeBefore = (sample: number) => startS + sample / rate;
  if (deviceChange === null)
    return { timeOf: timeBefore, sampleAt: timeS => Math.ceil((timeS - startS) * rate) };
  // A device stops and starts at the edge of a packet.
  const changeAt = Math.round(((deviceChange.atS - startS) * rate) / PACKET_SAMPLES) * PACKET_SAMPLES;
  const resumeS = timeBefore(changeAt) + deviceChange.silentS;
  const secondRate = RATE_HZ * (1 + deviceChange.skewPpm / 1e6);
  return {
    timeOf: sample => (sample < changeAt ? timeBefore(sample) : resumeS + (sample - changeAt) / secondRate),
    sampleAt: timeS =>
      timeS < resumeS
        ? Math.min(changeAt, Math.ceil((timeS - startS) * rate))
        : changeAt + Math.ceil((timeS - resumeS) * secondRate),
  };
}

/** A fixed sequence of numbers in 0..1 (mulberry32): the same weather in every run. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const encoded = new Map<string, Promise<Buffer[]>>();

/** The packets of one voice in the order in which they are sent, up to rig time `untilS`. */
export async function speak(voice: Voice, untilS: number, seed: number): Promise<VoicePacket[]> {
  const endS = Math.min(voice.endS, untilS);
  const clock = clockOf(voice);
  const count = Math.floor(clock.sampleAt(endS) / PACKET_SAMPLES);
  const { startS, skewPpm, deviceChange, dtx } = voice;
  // Encoding takes most of the rig's time: voices that hear the same send the same.
  const key = JSON.stringify([startS, skewPpm, deviceChange, dtx, count]);
  const made = encoded.get(key) ?? encode(clock, count, [startS, endS], dtx);
  encoded.set(key, made);
  const random = dice(seed);
  return (await made).map((payload, index) => {
    const first = index * PACKET_SAMPLES;
    const capturedS = clock.timeOf(first);
    const { muted } = voice;
    const lost = voice.lost(index, random());
    const isMuted = muted !== null && capturedS >= muted.fromS && capturedS < muted.toS;
    // What an encoder gives for a pause is one or two bytes: browsers keep it to themselves.
    const fate = payload.length <= 2 ? 'not-sent' : isMuted ? 'muted' : lost ? 'lost' : 'arrives';
    return {
      index,
      payload,
      timestamp: voice.firstTimestamp + first,
      capturedS,
      readyS: clock.timeOf(first + PACKET_SAMPLES - 1),
      fate,
    };
  });
}

async function encode(
  clock: MediaClock,
  count: number,
  [fromS, toS]: [number, number],
  dtx: boolean,
): Promise<Buffer[]> {
  const heard = hear(clock, count * PACKET_SAMPLES, chirpsBetween(fromS, toS), dtx ? 0 : undefined);
  const encoder = await createEncoder({
    channels: 1,
    application: Application.Voip,
    bitrate: 64_000,
    complexity: 5,
    fec: true,
    packetLossPercent: 10,
    dtx,
  });
  const packets = Array.from({ length: count }, (_, index) =>
    Buffer.from(encoder.encodeFloat(heard.subarray(index * PACKET_SAMPLES, (index + 1) * PACKET_SAMPLES))),
  );
  encoder.free();
  return packets;
}
