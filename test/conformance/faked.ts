import type { JournalRecord, ManifestTrack } from '@cratersync/recorder/format';
import type { RecordingReader } from '@cratersync/recorder/reader';
import { opusInfo, readerOf, type TestTrack } from '@cratersync/recorder/testing';
import { rtpPacket } from '../support/rtp.ts';
import { type Case, FAKED_S } from './cases.ts';
import type { Recorded, Sent } from './live.ts';
import { dice, speak, type Voice, type VoicePacket } from './voices.ts';

/** What a recorder would have journaled: no SFU, no network, and no time passes. */

const OFFSET_S = 1;
const NTP_US = 3_960_000_000_000_000;

export async function recordFaked(cases: readonly Case[]): Promise<Recorded> {
  const tracks: TestTrack[] = [];
  const sent = new Map<Case, Sent[]>();
  const people: Sent[] = [];
  for (const each of cases) {
    const [person] = each.people;
    const [voice] = person?.voices ?? [];
    if (person === undefined || voice === undefined) continue;
    const seed = tracks.length + 1;
    const packets = await speak(voice, FAKED_S, seed);
    const info = opusInfo(seed);
    const records = [...journalOf(voice, packets, seed)].sort((a, b) => a.atUs - b.atUs);
    tracks.push({
      person: seed,
      source: 'mic',
      info,
      records: [{ type: 'event', atUs: 0, event: { kind: 'stream', ...info } }, ...records],
    });
    people.push({ participantId: '' as Sent['participantId'], person, packets: [packets] });
    sent.set(each, people.slice(-1));
  }
  const reader = readerOf(tracks, (OFFSET_S + FAKED_S + 1) * 1e6);
  for (const [index, { participantId }] of reader.manifest.tracks.entries())
    Object.assign(people[index] ?? {}, { participantId });
  return { reader, offsetS: OFFSET_S, untilS: FAKED_S, sent };
}

const us = (rigS: number) => Math.round((rigS + OFFSET_S) * 1e6);

function* journalOf(voice: Voice, packets: VoicePacket[], seed: number): Generator<JournalRecord> {
  const random = dice(seed);
  const { muted, delayMs, reports } = voice;
  let reportS = voice.startS + 0.3;
  let sequence = 65_100;
  for (const { payload, timestamp, capturedS, readyS, fate } of packets) {
    if (fate !== 'arrives' && fate !== 'lost') continue;
    sequence += 1;
    const atUs = us(readyS + (delayMs + voice.jitterMs(random())) / 1000);
    if (fate === 'arrives')
      yield {
        type: 'rtp',
        atUs,
        packet: rtpPacket({ ssrc: seed, payloadType: 100, sequence, timestamp, payload }),
      };
    if (reports === null || capturedS < reportS) continue;
    reportS += reports.everyS;
    yield reportAt(seed, capturedS + 0.03, timestamp + 0.03 * 48_000, random());
  }
  if (muted === null) return;
  yield { type: 'event', atUs: us(muted.fromS + 0.1), event: { kind: 'muted' } };
  yield { type: 'event', atUs: us(muted.toS - 0.05), event: { kind: 'unmuted' } };
}

/** The SFU is wrong by up to 2 ms each time. */
function reportAt(ssrc: number, rigS: number, rtpTimestamp: number, random: number): JournalRecord {
  const wrong = Math.round((random - 0.5) * 0.004 * 48_000);
  return {
    type: 'sender-report',
    atUs: us(rigS) + 200,
    ssrc,
    ntpUs: us(rigS) + NTP_US,
    rtpTimestamp: (Math.round(rtpTimestamp) + wrong) % 2 ** 32,
    packetCount: 0,
  };
}

/** A sender that speaks for hours. Its skew wanders, as an oscillator's does with the temperature. */
export interface LongVoice {
  hours: number;
  skewPpm: number;
  wanderPpm: number;
}

/** When, in session time, its media clock shows `mediaS`. */
export function longTruthS({ skewPpm, wanderPpm, hours }: LongVoice, mediaS: number): number {
  const period = (hours * 3600) / (2 * Math.PI);
  const drift = skewPpm * 1e-6 * mediaS + wanderPpm * 1e-6 * period * Math.sin(mediaS / period);
  return OFFSET_S + mediaS - drift;
}

/** @param second one second of Opus, which it says over and over; what is heard of it comes at the same media times */
export function recordLong(voice: LongVoice, second: Buffer[]): RecordingReader {
  const info = opusInfo(7);
  const durationUs = (voice.hours * 3600 + 2) * 1e6;
  const reader = readerOf([{ person: 1, source: 'mic', info, records: [] }], durationUs);
  return {
    ...reader,
    async *batches(_: ManifestTrack) {
      yield [{ type: 'event', atUs: 0, event: { kind: 'stream', ...info } }];
      const random = dice(5);
      const packets = Math.floor(voice.hours * 3600 - 1) * 50;
      for (let index = 0; index < packets; index += 1) {
        const mediaS = index / 50;
        const timestamp = 1_000_000 + index * 960;
        const payload = second[index % 50] ?? Buffer.alloc(1);
        const packet = rtpPacket({
          ssrc: info.ssrc,
          payloadType: info.payloadType,
          sequence: index,
          timestamp,
          payload,
        });
        const atUs = Math.round((longTruthS(voice, mediaS + 0.02) + 0.03 + 0.01 * random()) * 1e6);
        if (random() > 0.05) yield [{ type: 'rtp', atUs, packet }];
        if (index % 50 === 10)
          yield [reportAt(info.ssrc, longTruthS(voice, mediaS) - OFFSET_S, timestamp, random())];
      }
    },
  };
}
