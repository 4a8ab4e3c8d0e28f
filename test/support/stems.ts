import type { ManifestTrack } from '@cratersync/recorder/format';
import type { RecordingReader } from '@cratersync/recorder/reader';
import { hearStems } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { type Clip, PACKET_US, packetAt, SAMPLES_A_PACKET, theClip } from './voice.ts';

const SAMPLES_A_US = 48 / 1000;
/** Listened to: 200 ms. */
const LISTENED_PACKETS = 10;
/** A decoder that begins in the middle of speech needs some packets to come to the same sound. */
const WARM_UP_PACKETS = 5;
const PLACES_A_TRACK = 6;
/** Stem to stem: 5 ms. */
const APART_SAMPLES = 240;
/** Searched on both sides of where a sound belongs: 30 ms. */
const SEARCH_SAMPLES = 1440;
/** What the codec leaves of a sound is like the sound by more than this; what is not that sound, by nearly nothing. */
const ALIKE = 0.5;

interface Place {
  trackId: string;
  /** The first of the packets listened to, as the clip has them. */
  packet: number;
  saidUs: number;
}

/**
 * Renders every stem with sound and looks for what was truly said: each sound must stand where it was said, 5 ms at
 * most apart from any other of any stem, and all stems are as long as the recording.
 * @param saidUs when a packet was sent, on one clock for all tracks. Default: when it arrived, on the session's own
 */
export async function checkStems(
  reader: RecordingReader,
  saidUs?: (track: ManifestTrack, packet: Uint8Array) => number,
): Promise<void> {
  const clip = await theClip();
  const { manifest } = reader;
  const places = new Map<string, Place[]>();
  let clockUs = Number.POSITIVE_INFINITY;
  for (const track of manifest.tracks.filter(({ source }) => source === 'mic')) {
    const times: number[] = [];
    for await (const record of reader.records(track)) {
      if (record.type !== 'rtp') continue;
      const said = saidUs?.(track, record.packet) ?? record.atUs;
      times.push(said);
      clockUs = Math.min(clockUs, record.atUs - said);
    }
    const own = placesIn(times).map(said => ({
      trackId: track.trackId,
      packet: packetAt(said),
      saidUs: said,
    }));
    places.set(track.participantId, [...(places.get(track.participantId) ?? []), ...own]);
  }
  const apart: { trackId: string; atUs: number; samples: number }[] = [];
  for await (const { participantId, samples } of hearStems(reader)) {
    expect(samples.length, 'samples of a stem').to.equal(Math.round(manifest.durationUs * SAMPLES_A_US));
    for (const place of places.get(participantId) ?? []) {
      const atUs = place.saidUs + clockUs - PACKET_US;
      const found = find(clip, place.packet, samples, Math.round(atUs * SAMPLES_A_US));
      if (found !== null) apart.push({ trackId: place.trackId, atUs, samples: found });
    }
  }
  // Where arrival is the test's own clock, it is also when it was said.
  const lags = [...apart.map(({ samples }) => samples), ...(saidUs === undefined ? [0] : [])];
  const shown = JSON.stringify(apart);
  if (lags.length === 0) return;
  expect(Math.max(...lags) - Math.min(...lags), `stems do not line up: ${shown}`).to.be.at.most(
    APART_SAMPLES,
  );
}

/** @returns when some stretches of packets that follow each other were said, the first and the last among them */
function placesIn(times: number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  const found: number[] = [];
  let length = 0;
  for (const [i, saidUs] of sorted.entries()) {
    const before = sorted[i - 1];
    length = before !== undefined && Math.abs(saidUs - before - PACKET_US) < 1 ? length + 1 : 1;
    if (length % (WARM_UP_PACKETS + LISTENED_PACKETS) !== 0) continue;
    found.push(saidUs - (LISTENED_PACKETS - 1) * PACKET_US);
  }
  const step = Math.max(1, (found.length - 1) / (PLACES_A_TRACK - 1));
  return found.filter(
    (_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step) || i === found.length - 1,
  );
}

/**
 * Cross-correlates what was said with what is heard around the place where it belongs.
 * @returns how many samples it stands behind that place; null where the stem ends before
 */
function find(clip: Clip, packet: number, stem: Float32Array, at: number): number | null {
  const length = LISTENED_PACKETS * SAMPLES_A_PACKET;
  if (at < SEARCH_SAMPLES || at + length + SEARCH_SAMPLES > stem.length) return null;
  const said = Float32Array.from(
    { length },
    (_, i) => clip.samples[(packet * SAMPLES_A_PACKET + i) % clip.samples.length] ?? 0,
  );
  let [best, likeness] = [0, -1];
  for (let lag = -SEARCH_SAMPLES; lag <= SEARCH_SAMPLES; lag += 1) {
    const alike = correlate(said, stem, at + lag);
    if (alike > likeness) [best, likeness] = [lag, alike];
  }
  const energy = Math.sqrt(
    correlate(said, said, 0) * correlate(stem.subarray(at + best), stem, at + best, length),
  );
  expect(likeness / energy, `what was said is not heard at sample ${at}`).to.be.greaterThan(ALIKE);
  return best;
}

function correlate(said: Float32Array, heard: Float32Array, at: number, length = said.length): number {
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += (said[i] ?? 0) * (heard[at + i] ?? 0);
  return sum;
}
