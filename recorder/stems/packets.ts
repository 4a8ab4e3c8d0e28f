import type { RecordingReader } from '../reader.ts';
import { sequenceUnwrapper, timestampUnwrapper, type Unwrapper } from '../timeline/index.ts';
import { Reorder } from './reorder.ts';
import { parseRtp } from './rtp.ts';
import type { SurveyedStem, SurveyedStream, SurveyedTrack } from './survey.ts';

/** An RTP packet in its place. */
export interface StemPacket {
  track: SurveyedTrack;
  stream: SurveyedStream;
  atUs: number;
  /** Unwrapped, and so is the timestamp. */
  sequence: number;
  timestamp: number;
  /** When its media was captured. */
  sessionUs: number;
  marker: boolean;
  payload: Buffer;
}

/**
 * The packets of a stem in the order they were sent, its tracks one after the other. Where a new track begins before
 * the last one has ended (somebody reconnects faster than the loss is noticed), the new one is what people hear.
 */
export async function* stemPackets(
  reader: RecordingReader,
  stem: SurveyedStem,
  onRead: (atUs: number) => void,
): AsyncGenerator<StemPacket> {
  for (const [index, track] of stem.tracks.entries()) {
    const untilUs = stem.tracks[index + 1]?.startUs ?? Number.POSITIVE_INFINITY;
    for await (const packet of trackPackets(reader, track, onRead)) {
      if (packet.sessionUs < untilUs) yield packet;
    }
  }
}

/** Unwraps exactly as the survey did: both see the same packets in the same order. */
async function* trackPackets(
  reader: RecordingReader,
  track: SurveyedTrack,
  onRead: (atUs: number) => void,
): AsyncGenerator<StemPacket> {
  const states = new Map<
    number,
    { sequence: Unwrapper; timestamp: Unwrapper; reorder: Reorder<StemPacket> }
  >();
  let current: number | null = null;
  for await (const record of reader.records(track.track)) {
    if (record.type !== 'rtp') continue;
    onRead(record.atUs);
    const rtp = parseRtp(record.packet);
    const stream = rtp === null ? undefined : track.streams.get(rtp.ssrc);
    if (rtp === null || stream === undefined || stream.info.payloadType !== rtp.payloadType) continue;
    let state = states.get(rtp.ssrc);
    if (state === undefined) {
      state = { sequence: sequenceUnwrapper(), timestamp: timestampUnwrapper(), reorder: new Reorder() };
      states.set(rtp.ssrc, state);
    }
    if (current !== null && current !== rtp.ssrc) yield* states.get(current)?.reorder.flush() ?? [];
    current = rtp.ssrc;
    const sequence = state.sequence.next(rtp.sequenceNumber);
    const timestamp = state.timestamp.next(rtp.timestamp);
    yield* state.reorder.push({
      track,
      stream,
      atUs: record.atUs,
      sequence,
      timestamp,
      sessionUs: stream.timeline.sessionUs(sequence, timestamp),
      marker: rtp.marker,
      payload: rtp.payload,
    });
  }
  for (const { reorder } of states.values()) yield* reorder.flush();
}
