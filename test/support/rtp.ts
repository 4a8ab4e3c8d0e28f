/**
 * RTP for tests: packets of any shape, and sources that send at the pace and size of real ones. Payloads are
 * pseudo-random, so that a search for them on a disk finds nothing else; VP8 carries a true payload descriptor.
 */

export interface RtpFields {
  ssrc: number;
  payloadType: number;
  /** Taken modulo 2^16. */
  sequence: number;
  /** Taken modulo 2^32. */
  timestamp: number;
  marker?: boolean;
  payload: Uint8Array;
  /** Header extension of profile 0xBEDE, padded to whole words. */
  extension?: Uint8Array;
  /** Bytes of padding, the last one holding their number. */
  padding?: number;
}

export function rtpPacket(fields: RtpFields): Buffer {
  const { extension, padding = 0 } = fields;
  const words = extension === undefined ? 0 : Math.ceil(extension.length / 4);
  const extensionBytes = extension === undefined ? 0 : 4 + 4 * words;
  const packet = Buffer.alloc(12 + extensionBytes + fields.payload.length + padding);
  packet.writeUInt8(0x80 | (padding > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10), 0);
  packet.writeUInt8((fields.marker === true ? 0x80 : 0) | fields.payloadType, 1);
  packet.writeUInt16BE(fields.sequence & 0xffff, 2);
  packet.writeUInt32BE(fields.timestamp % 2 ** 32, 4);
  packet.writeUInt32BE(fields.ssrc, 8);
  if (extension !== undefined) {
    packet.writeUInt16BE(0xbede, 12);
    packet.writeUInt16BE(words, 14);
    packet.set(extension, 16);
  }
  packet.set(fields.payload, 12 + extensionBytes);
  if (padding > 0) packet.writeUInt8(padding, packet.length - 1);
  return packet;
}

/** @param ntpUs µs since 1900 */
export function senderReport(fields: {
  ssrc: number;
  ntpUs: number;
  rtpTimestamp: number;
  packetCount: number;
}): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(200, 1);
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(fields.ssrc, 4);
  const seconds = Math.floor(fields.ntpUs / 1_000_000);
  packet.writeUInt32BE(seconds, 8);
  packet.writeUInt32BE(Math.floor(((fields.ntpUs - seconds * 1_000_000) * 2 ** 32) / 1_000_000), 12);
  packet.writeUInt32BE(fields.rtpTimestamp % 2 ** 32, 16);
  packet.writeUInt32BE(fields.packetCount, 20);
  return packet;
}

/** Pseudo-random bytes that a seed gives again (xorshift32). */
export function noise(bytes: number, seed: number): Buffer {
  const result = Buffer.alloc(bytes);
  let state = seed ^ 0x9e3779b9 || 1;
  for (let i = 0; i < bytes; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    result[i] = state & 0xff;
  }
  return result;
}

/** One stream; each call gives the packets of its next 20 ms (Opus) or of its next frame at 30 a second (VP8). */
export interface RtpSource {
  /** Between two calls of `next`, µs. */
  intervalUs: number;
  next(): Buffer[];
}

interface SourceFields {
  ssrc: number;
  payloadType: number;
  sequence?: number;
  timestamp?: number;
}

/** Opus at 96 kb/s: 240 bytes every 20 ms. */
export function opusSource({ ssrc, payloadType, sequence = 0, timestamp = 0 }: SourceFields): RtpSource {
  let sent = 0;
  return {
    intervalUs: 20_000,
    next() {
      const payload = noise(240, ssrc + sent);
      const at = timestamp + 960 * sent;
      sent += 1;
      return [rtpPacket({ ssrc, payloadType, sequence: sequence + sent - 1, timestamp: at, payload })];
    },
  };
}

/** VP8 at 1.5 Mb/s and 30 frames a second: six packets of 1050 bytes a frame, a key frame every 90. */
export function vp8Source({ ssrc, payloadType, sequence = 0, timestamp = 0 }: SourceFields): RtpSource {
  const packetsAFrame = 6;
  let frames = 0;
  return {
    intervalUs: 1_000_000 / 30,
    next() {
      const frame = frames;
      frames += 1;
      return Array.from({ length: packetsAFrame }, (_, part) => {
        const payload = noise(1050, ssrc + frame * packetsAFrame + part);
        // RFC 7741: S bit on the first packet of a frame; bit 0 of the frame itself is 0 for a key frame.
        payload[0] = part === 0 ? 0x10 : 0;
        payload[1] = ((payload[1] ?? 0) & 0xfe) | (frame % 90 === 0 ? 0 : 1);
        return rtpPacket({
          ssrc,
          payloadType,
          sequence: sequence + frame * packetsAFrame + part,
          timestamp: timestamp + frame * 3000,
          marker: part === packetsAFrame - 1,
          payload,
        });
      });
    },
  };
}
