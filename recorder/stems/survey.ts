import { kindOf, type MediaKind, type ParticipantId, type Source } from '@cratersync/signaling/protocol';
import type { ManifestTrack, StreamInfo } from '../format/index.ts';
import type { RecordingReader } from '../reader.ts';
import { fitClocks, fitTimeline, StreamObserver, type Timeline } from '../timeline/index.ts';
import { parseOpus } from './opus.ts';
import { parseRtp } from './rtp.ts';

/** What one pass over a recording tells, before anything is rendered. */
export interface SurveyedStream {
  info: StreamInfo;
  packets: number;
  stereo: boolean;
  timeline: Timeline;
}

export interface SurveyedTrack {
  track: ManifestTrack;
  /** By SSRC; only those that packets came for. */
  streams: ReadonlyMap<number, SurveyedStream>;
  /** Capture time of the first packet. */
  startUs: number;
  /** When the person muted or the track was closed. */
  pausesUs: number[];
  damaged: { startUs: number; endUs: number; reason: string }[];
}

/** All tracks of one person and source: what becomes one file. */
export interface SurveyedStem {
  participantId: ParticipantId;
  source: Source;
  kind: MediaKind;
  /** With packets, in the order in which they begin. */
  tracks: SurveyedTrack[];
  damaged: SurveyedTrack['damaged'];
}

interface Observation {
  track: ManifestTrack;
  streams: Map<
    number,
    { info: StreamInfo; packets: number; stereo: boolean; observer: StreamObserver; firstTimestamp: number }
  >;
  pausesUs: number[];
  damaged: SurveyedTrack['damaged'];
}

/** Reads all tracks once, as the clocks of the SFUs are shared between them. Holds no media. */
export async function survey(reader: RecordingReader): Promise<SurveyedStem[]> {
  const observations: Observation[] = [];
  for (const track of reader.manifest.tracks) observations.push(await observeTrack(reader, track));
  const clocks = fitClocks(observations.flatMap(({ streams }) => [...streams.values()].map(s => s.observer)));
  const stems = new Map<string, SurveyedStem>();
  for (const observation of observations) {
    const { participantId, source } = observation.track;
    const kind = kindOf(source);
    const key = `${participantId} ${source}`;
    const stem = stems.get(key) ?? { participantId, source, kind, tracks: [], damaged: [] };
    stems.set(key, stem);
    stem.damaged.push(...observation.damaged);
    if (observation.streams.size > 0) stem.tracks.push(fitTrack(observation, clocks, kind));
  }
  for (const stem of stems.values()) stem.tracks.sort((a, b) => a.startUs - b.startUs);
  return [...stems.values()];
}

async function observeTrack(reader: RecordingReader, track: ManifestTrack): Promise<Observation> {
  const observation: Observation = { track, streams: new Map(), pausesUs: [], damaged: [] };
  const infos = new Map(track.streams.map(info => [info.ssrc, info]));
  for await (const record of reader.records(track)) {
    switch (record.type) {
      case 'rtp':
        observePacket(observation, infos, record.atUs, record.packet);
        break;
      case 'sender-report':
        observation.streams.get(record.ssrc)?.observer.report(record.atUs, record.ntpUs, record.rtpTimestamp);
        break;
      case 'event':
        if (record.event.kind === 'muted' || record.event.kind === 'closed') {
          observation.pausesUs.push(record.atUs);
        } else if (record.event.kind === 'stream') {
          infos.set(record.event.ssrc, record.event);
        }
        break;
      case 'damaged':
        observation.damaged.push(record);
        break;
    }
  }
  return observation;
}

function observePacket(
  { streams }: Observation,
  infos: ReadonlyMap<number, StreamInfo>,
  atUs: number,
  bytes: Uint8Array,
): void {
  const packet = parseRtp(bytes);
  const info = packet === null ? undefined : infos.get(packet.ssrc);
  if (packet === null || info === undefined || info.payloadType !== packet.payloadType) return;
  let stream = streams.get(info.ssrc);
  if (stream === undefined) {
    const observer = new StreamObserver(info);
    stream = { info, packets: 0, stereo: false, observer, firstTimestamp: packet.timestamp };
    streams.set(info.ssrc, stream);
  }
  stream.packets += 1;
  stream.observer.packet(atUs, packet.sequenceNumber, packet.timestamp);
  if (!stream.stereo && info.mimeType.toLowerCase() === 'audio/opus') {
    stream.stereo = parseOpus(packet.payload)?.stereo ?? false;
  }
}

function fitTrack(
  observation: Observation,
  clocks: ReturnType<typeof fitClocks>,
  kind: MediaKind,
): SurveyedTrack {
  const { track, pausesUs, damaged } = observation;
  const streams = new Map<number, SurveyedStream>();
  let startUs = Number.POSITIVE_INFINITY;
  for (const [ssrc, { info, packets, stereo, observer, firstTimestamp }] of observation.streams) {
    const timeline = fitTimeline(observer, clocks, kind);
    streams.set(ssrc, { info, packets, stereo, timeline });
    startUs = Math.min(startUs, timeline.sessionUs(observer.firstSequence, firstTimestamp));
  }
  return { track, streams, startUs, pausesUs, damaged };
}
