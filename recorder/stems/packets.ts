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
 * The packets of a stem in the order they were sent, some at a time, its tracks one after the other. Where a new track begins before
 * the last one has ended (somebody reconnects faster than the loss is noticed), the new one is what people hear.
 */
export async function* stemPackets(
  reader: RecordingReader,
  stem: SurveyedStem,
  onRead: (atUs: number) => void,
): AsyncGenerator<StemPacket[]> {
  for (const [index, track] of stem.tracks.entries()) {
    const untilUs = stem.tracks[index + 1]?.startUs ?? Number.POSITIVE_INFINITY;
    for await (const batch of trackPackets(reader, track, onRead)) {
      yield untilUs === Number.POSITIVE_INFINITY
        ? batch
        : batch.filter(({ sessionUs }) => sessionUs < untilUs);
    }
  }
}

async function* trackPackets(
  reader: RecordingReader,
  track: SurveyedTrack,
  onRead: (atUs: number) => void,
): AsyncGenerator<StemPacket[]> {
  const sorter = new TrackSorter(track);
  for await (const batch of reader.batches(track.track)) {
    const ready: StemPacket[] = [];
    for (const record of batch) if (record.type === 'rtp') sorter.push(record.atUs, record.packet, ready);
    const last = batch.findLast(({ type }) => type !== 'damaged');
    if (last !== undefined && 'atUs' in last) onRead(last.atUs);
    yield ready;
  }
  const rest: StemPacket[] = [];
  sorter.flush(rest);
  yield rest;
}

interface StreamState {
  stream: SurveyedStream;
  sequence: Unwrapper;
  timestamp: Unwrapper;
  reorder: Reorder<StemPacket>;
}

/** Unwraps exactly as the survey did: both see the same packets in the same order. */
class TrackSorter {
  readonly #track: SurveyedTrack;
  readonly #states: ReadonlyMap<number, StreamState>;
  #current: StreamState | null = null;

  constructor(track: SurveyedTrack) {
    this.#track = track;
    const fresh = (stream: SurveyedStream): StreamState => ({
      stream,
      sequence: sequenceUnwrapper(),
      timestamp: timestampUnwrapper(),
      reorder: new Reorder(),
    });
    this.#states = new Map([...track.streams].map(([ssrc, stream]) => [ssrc, fresh(stream)]));
  }

  push(atUs: number, bytes: Uint8Array, ready: StemPacket[]): void {
    const rtp = parseRtp(bytes);
    const state = rtp === null ? undefined : this.#states.get(rtp.ssrc);
    if (rtp === null || state === undefined || state.stream.info.payloadType !== rtp.payloadType) return;
    if (this.#current !== state) this.#current?.reorder.flush(ready);
    this.#current = state;
    const { stream } = state;
    const sequence = state.sequence.next(rtp.sequenceNumber);
    const timestamp = state.timestamp.next(rtp.timestamp);
    const sessionUs = stream.timeline.sessionUs(sequence, timestamp);
    const { marker, payload } = rtp;
    const packet = { track: this.#track, stream, atUs, sequence, timestamp, sessionUs, marker, payload };
    state.reorder.push(packet, ready);
  }

  flush(ready: StemPacket[]): void {
    for (const { reorder } of this.#states.values()) reorder.flush(ready);
  }
}
