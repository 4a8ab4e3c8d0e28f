import { kindOf, type MediaKind, type ParticipantId, type Source } from '@cratersync/signaling/protocol';
import type { JournalRecord, ManifestTrack, StreamInfo, TrackEvent } from '../format/index.ts';
import type { Damaged, RecordingReader } from '../reader.ts';
import { fitClocks, fitTimeline, type KnownPause, StreamObserver, type Timeline } from '../timeline/index.ts';
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
  /** What is known, besides its packets, of why there may be none. */
  pauses: KnownPause[];
}

interface Observation {
  track: ManifestTrack;
  streams: Map<
    number,
    { info: StreamInfo; packets: number; stereo: boolean; observer: StreamObserver; firstTimestamp: number }
  >;
  /** Of the first record; infinite where there is none. */
  openedUs: number;
  pausesUs: number[];
  pauses: KnownPause[];
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
    const stem = stems.get(key) ?? { participantId, source, kind, tracks: [], damaged: [], pauses: [] };
    stems.set(key, stem);
    stem.damaged.push(...observation.damaged);
    stem.pauses.push(...pausesOf(observation, observations));
    if (observation.streams.size > 0) stem.tracks.push(fitTrack(observation, clocks, kind));
  }
  for (const stem of stems.values()) stem.tracks.sort((a, b) => a.startUs - b.startUs);
  return [...stems.values()];
}

async function observeTrack(reader: RecordingReader, track: ManifestTrack): Promise<Observation> {
  const observation: Observation = {
    track,
    streams: new Map(),
    openedUs: Number.POSITIVE_INFINITY,
    pausesUs: [],
    pauses: [],
    damaged: [],
  };
  const infos = new Map(track.streams.map(info => [info.ssrc, info]));
  for await (const batch of reader.batches(track))
    for (const record of batch) observeRecord(observation, infos, record);
  return observation;
}

function observeRecord(
  observation: Observation,
  infos: Map<number, StreamInfo>,
  record: JournalRecord | Damaged,
): void {
  if (record.type !== 'damaged') observation.openedUs = Math.min(observation.openedUs, record.atUs);
  switch (record.type) {
    case 'rtp':
      observePacket(observation, infos, record.atUs, record.packet);
      break;
    case 'sender-report':
      observation.streams.get(record.ssrc)?.observer.report(record.atUs, record.ntpUs, record.rtpTimestamp);
      break;
    case 'event':
      observeEvent(observation, infos, record.atUs, record.event);
      break;
    case 'damaged':
      observation.damaged.push(record);
      break;
  }
}

function observeEvent(
  { pausesUs, pauses }: Observation,
  infos: Map<number, StreamInfo>,
  atUs: number,
  event: TrackEvent,
): void {
  const open = pauses.at(-1);
  const toUs = Number.POSITIVE_INFINITY;
  switch (event.kind) {
    case 'stream':
      infos.set(event.ssrc, event);
      return;
    case 'muted':
    case 'paused':
      pausesUs.push(atUs);
      if (open !== undefined) open.toUs = Math.min(open.toUs, atUs);
      pauses.push({ fromUs: atUs, toUs, cause: event.kind });
      return;
    case 'unmuted':
      if (open !== undefined) open.toUs = Math.min(open.toUs, atUs);
      return;
    case 'closed':
      pausesUs.push(atUs);
      if (open !== undefined) open.toUs = Math.min(open.toUs, atUs);
      if (event.cause === 'left' || event.cause === 'reconnected')
        pauses.push({ fromUs: atUs, toUs, cause: 'left' });
      return;
    default:
      return;
  }
}

const RECORDER_CAUSES = ['recorder-restarted', 'recorder-full', 'recorder-damaged'] as const;

/** What a track knows of its pauses; somebody who left is back when their next track is opened. */
function pausesOf(
  { track, openedUs, pauses, damaged }: Observation,
  all: readonly Observation[],
): KnownPause[] {
  const later = all
    .filter(
      ({ track: other }) => other.participantId === track.participantId && other.source === track.source,
    )
    .map(other => other.openedUs)
    .filter(otherUs => otherUs > openedUs && otherUs < Number.POSITIVE_INFINITY);
  const nextUs = Math.min(...later);
  const own = pauses.map(pause =>
    pause.cause === 'left' ? { ...pause, toUs: Math.max(pause.fromUs, nextUs) } : pause,
  );
  const recorders = track.gaps.flatMap(({ startUs, endUs, cause }) => {
    const known = RECORDER_CAUSES.find(each => each === cause);
    return known === undefined ? [] : [{ fromUs: startUs, toUs: endUs, cause: known }];
  });
  const torn = damaged.map(({ startUs, endUs }) => ({
    fromUs: startUs,
    toUs: endUs,
    cause: 'recorder-damaged' as const,
  }));
  return [...own, ...recorders, ...torn];
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
