import { letGo } from '../let-go.ts';
import type { StemPacket } from './packets.ts';

/** A video frame as it was encoded. */
export interface VideoFrame {
  sessionUs: number;
  keyframe: boolean;
  data: Buffer;
  size: { width: number; height: number };
  /** H.264: the decoder configuration that the frame needs. VP8 has none. */
  configuration: Buffer | null;
}

/** How a codec is laid into RTP packets. */
export interface Depacketizer {
  /** Whether a payload begins a frame, as far as it can tell by itself. */
  startsFrame(payload: Buffer): boolean;
  /**
   * @param payloads of all packets of one frame, in order
   * @returns null when they are malformed, or the frame needs a keyframe that has not been seen
   */
  assemble(payloads: Buffer[]): Omit<VideoFrame, 'sessionUs'> | null;
}

/**
 * Puts frames together, and lets through only those that can be decoded: after a loss, nothing until the next
 * keyframe.
 * @param onDropped is told of every frame that is left out since the first keyframe
 */
export async function* assembleFrames(
  packets: AsyncIterable<StemPacket[]>,
  makeDepacketizer: () => Depacketizer,
  onDropped: () => void,
): AsyncGenerator<VideoFrame> {
  let depacketizer = makeDepacketizer();
  let stream: StemPacket['stream'] | null = null;
  /** Every frame since the last keyframe is there. */
  let intact = false;
  let begun = false;
  for await (const { first, payloads, whole, follows } of gather(packets, depacketizer.startsFrame)) {
    if (first.stream !== stream) depacketizer = makeDepacketizer();
    stream = first.stream;
    const frame = whole ? depacketizer.assemble(payloads) : null;
    intact = frame !== null && (frame.keyframe || (intact && follows));
    begun ||= intact;
    if (frame !== null && intact) {
      yield { ...frame, sessionUs: first.sessionUs };
      // As it was put together, laid into a block, and that into a file.
      letGo(frame.data.length);
    } else if (begun) onDropped();
  }
}

/** The packets of one frame, as far as they are there. */
interface Gathered {
  first: StemPacket;
  payloads: Buffer[];
  /** From its first packet to the one with the marker. */
  whole: boolean;
  /** Nothing is missing between it and the frame before. */
  follows: boolean;
}

async function* gather(
  packets: AsyncIterable<StemPacket[]>,
  startsFrame: Depacketizer['startsFrame'],
): AsyncGenerator<Gathered> {
  let open: Gathered | null = null;
  let previous: StemPacket | null = null;
  for await (const packet of oneByOne(packets)) {
    const adjoins: boolean =
      previous !== null && previous.stream === packet.stream && previous.sequence === packet.sequence - 1;
    const afterFrame: boolean = adjoins && (previous?.marker === true || previous?.payload.length === 0);
    previous = packet;
    if (open !== null && !adjoins) open.whole = false;
    // Padding alone: it only keeps the sequence.
    if (packet.payload.length === 0) continue;
    if (open !== null && (open.first.timestamp !== packet.timestamp || open.first.stream !== packet.stream)) {
      yield { ...open, whole: false };
      open = null;
    }
    open ??= {
      first: packet,
      payloads: [],
      whole: afterFrame || startsFrame(packet.payload),
      follows: adjoins,
    };
    open.payloads.push(packet.payload);
    if (!packet.marker) continue;
    yield open;
    open = null;
  }
}

async function* oneByOne<Item>(batches: AsyncIterable<Item[]>): AsyncGenerator<Item> {
  for await (const batch of batches) yield* batch;
}
