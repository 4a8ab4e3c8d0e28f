import { encodeOpus } from '@cratersync/recorder/testing';
import { seededRandom } from './random.ts';
import { rtpPacket } from './rtp.ts';

export const SAMPLES_A_PACKET = 960;
const RATE_HZ = 48_000;
export const PACKET_US = 20_000;
const CLIP_PACKETS = 1500;

/** What everybody says: 30 s of it, over and over. */
export interface Clip {
  samples: Float32Array;
  packets: Buffer[];
}

let clip: Promise<Clip> | null = null;

/** Bursts of noise: wherever one listens, it sounds like nowhere else in the clip. */
export function theClip(): Promise<Clip> {
  clip ??= makeClip();
  return clip;
}

async function makeClip(): Promise<Clip> {
  const random = seededRandom(2026);
  const samples = new Float32Array(CLIP_PACKETS * SAMPLES_A_PACKET);
  let [level, slow, until] = [0, 0, 0];
  for (let i = 0; i < samples.length; i += 1) {
    if (i >= until) {
      level = 0.15 + 0.6 * random();
      until = i + RATE_HZ * (0.02 + 0.1 * random());
    }
    // Low-passed: below 4 kHz the codec keeps the shape of the wave.
    slow += 0.4 * ((random() - 0.5) * level - slow);
    samples[i] = slow;
  }
  return { samples, packets: (await encodeOpus(samples)).slice(0, CLIP_PACKETS) };
}

/** The index in the clip of the packet that is sent at `atUs`, when its last sample has been said. */
export const packetAt = (atUs: number) => Math.floor(atUs / PACKET_US) % CLIP_PACKETS;

export interface Voice {
  intervalUs: number;
  /** @param atUs of sending. What it holds began to be captured 20 ms before */
  next(atUs: number): Buffer[];
  timestampAt(capturedUs: number): number;
}

/** Somebody who says the clip, with sequence numbers and timestamps that wrap within seconds. */
export function voice(clip: Clip, { ssrc, payloadType }: { ssrc: number; payloadType: number }): Voice {
  let sequence = 65_500 + (ssrc % 30);
  /** Of what is captured then; times may be before zero. */
  const timestampAt = (capturedUs: number) =>
    (2 ** 32 - 100_000 + Math.round((capturedUs * RATE_HZ) / 1e6)) % 2 ** 32;
  return {
    intervalUs: PACKET_US,
    next(atUs) {
      sequence += 1;
      const payload = clip.packets[packetAt(atUs)] ?? Buffer.alloc(0);
      const timestamp = timestampAt(atUs - PACKET_US);
      return [rtpPacket({ ssrc, payloadType, sequence, timestamp, payload })];
    },
    timestampAt,
  };
}
