import { readFile, writeFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { encodeOpus, opusUnits, tone, type Unit, vp8Units } from '@cratersync/recorder/testing';

/** A stretch of media as RTP payloads, made to be repeated without end: pictures begin with a keyframe. */
export interface Clip {
  seconds: number;
  clockRateHz: number;
  units: Unit[];
}

export interface Clips {
  audio: Clip;
  video: Clip;
}

/** Opus at 96 kb/s, 50 packets a second; VP8 of 640×360 at 30 frames a second and 1.5 Mb/s. Encoded by ffmpeg. */
export async function encodeClips(seconds = 10): Promise<Clips> {
  const opus = opusUnits((await encodeOpus(tone(440, seconds))).slice(0, seconds * 50));
  const pictures = { seconds, size: '640x360', rate: 30, keyframeEvery: 90, bitrateBps: 1_500_000 };
  return {
    audio: { seconds, clockRateHz: 48_000, units: opus },
    video: { seconds, clockRateHz: 90_000, units: await vp8Units(pictures) },
  };
}

export const saveClips = (path: string, clips: Clips) => writeFile(path, serialize(clips));

export async function loadClips(path: string): Promise<Clips> {
  const clips = deserialize(await readFile(path)) as Clips;
  for (const { units } of [clips.audio, clips.video])
    for (const unit of units) unit.payloads = unit.payloads.map(payload => Buffer.from(payload));
  return clips;
}

/** Of the media alone, without RTP's own bytes, b/s. */
export const bitrateBps = ({ units, seconds }: Clip) =>
  (8 * units.reduce((sum, { payloads }) => sum + Buffer.concat(payloads).length, 0)) / seconds;

export const packetsPerS = ({ units, seconds }: Clip) =>
  units.reduce((sum, { payloads }) => sum + payloads.length, 0) / seconds;

/** The clip over and over, as the units of one long one. */
export function repeated(clip: Clip, seconds: number): Unit[] {
  return Array.from({ length: Math.ceil(seconds / clip.seconds) }, (_, turn) =>
    clip.units.map(({ mediaS, payloads }) => ({ mediaS: mediaS + turn * clip.seconds, payloads })),
  )
    .flat()
    .filter(({ mediaS }) => mediaS < seconds);
}
