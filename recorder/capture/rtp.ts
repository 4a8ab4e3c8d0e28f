/**
 * RTP as far as a recorder must understand it (RFC 3550 section 5.1): enough to know whose packet it is and where it
 * stands in the stream. The packet itself is journaled as it came, header extensions and padding included.
 */
const FIXED_HEADER_BYTES = 12;

/** RFC 5761 section 4: on a shared port, a second byte of 192–223 means RTCP. */
export function isRtcp(packet: Uint8Array): boolean {
  const second = packet[1] ?? 0;
  return second >= 192 && second <= 223;
}

/**
 * Length of the header with contributing sources and extension, or -1 when the packet is not well-formed RTP:
 * wrong version, cut off, or padded with more bytes than there are.
 * @param packet at the beginning of this memory
 * @param bytes its length
 * @param encrypted padding lies in the ciphertext and cannot be looked at
 */
export function rtpHeaderBytes(packet: Buffer, bytes = packet.length, encrypted = false): number {
  if (bytes < FIXED_HEADER_BYTES) return -1;
  const first = packet[0] ?? 0;
  if (first >> 6 !== 2) return -1;
  let headerBytes = FIXED_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (bytes < headerBytes + 4) return -1;
    headerBytes += 4 + 4 * packet.readUInt16BE(headerBytes + 2);
  }
  if (bytes < headerBytes) return -1;
  if ((first & 0x20) !== 0 && !encrypted) {
    const padding = packet[bytes - 1] ?? 0;
    if (padding === 0 || headerBytes + padding > bytes) return -1;
  }
  return headerBytes;
}

export const payloadTypeOf = (packet: Buffer) => (packet[1] ?? 0) & 0x7f;
export const sequenceOf = (packet: Buffer) => packet.readUInt16BE(2);
export const timestampOf = (packet: Buffer) => packet.readUInt32BE(4);
export const ssrcOf = (packet: Buffer) => packet.readUInt32BE(8);

/** How far `value` lies after `reference` on a circle of 2^16: -32768 … 32767. */
export const sequenceDistance = (value: number, reference: number) => ((value - reference) << 16) >> 16;
