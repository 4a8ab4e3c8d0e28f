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
  packets: AsyncIterable<StemPacket>,
  makeDepacketizer: () => Depacketizer,
  onDropped: () => void,
): AsyncGenerator<VideoFrame> {
  let parts: StemPacket[] = [];
  let previous: StemPacket | null = null;
  let depacketizer = makeDepacketizer();
  /** Every frame since the last keyframe is there. */
  let intact = false;
  let begun = false;
  let lastDropped = -1;
  const drop = ({ timestamp }: StemPacket) => {
    if (begun && timestamp !== lastDropped) onDropped();
    lastDropped = timestamp;
  };
  for await (const packet of packets) {
    const sameStream = previous !== null && previous.stream === packet.stream;
    if (!sameStream) depacketizer = makeDepacketizer();
    const follows = sameStream && previous?.sequence === packet.sequence - 1;
    if (!follows || (parts[0] !== undefined && parts[0].timestamp !== packet.timestamp)) {
      if (parts[0] !== undefined) drop(parts[0]);
      intact = false;
      parts = [];
    }
    const endsBefore = previous === null || previous.marker || previous.payload.length === 0;
    previous = packet;
    // Padding alone: it only keeps the sequence.
    if (packet.payload.length === 0) continue;
    const starts = (follows && endsBefore) || depacketizer.startsFrame(packet.payload);
    if (parts.length === 0 && !starts) {
      drop(packet);
      continue;
    }
    parts.push(packet);
    if (!packet.marker) continue;
    const frame = depacketizer.assemble(parts.map(part => part.payload));
    const sessionUs = parts[0]?.sessionUs ?? 0;
    parts = [];
    intact = frame !== null && (intact || frame.keyframe);
    begun ||= intact;
    if (frame !== null && intact) yield { ...frame, sessionUs };
    else drop(packet);
  }
}
