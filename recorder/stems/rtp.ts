import { payloadTypeOf, rtpHeaderBytes, sequenceOf, ssrcOf, timestampOf } from '../capture/rtp.ts';

interface RtpPacket {
  marker: boolean;
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  /** A view into the packet, without its padding. */
  payload: Buffer;
}

/** @returns null for what is not a well-formed RTP packet */
export function parseRtp(bytes: Uint8Array): RtpPacket | null {
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = rtpHeaderBytes(packet);
  if (headerBytes < 0) return null;
  const padded = (packet.readUInt8(0) & 0x20) !== 0;
  const end = packet.length - (padded ? packet.readUInt8(packet.length - 1) : 0);
  return {
    marker: (packet.readUInt8(1) & 0x80) !== 0,
    payloadType: payloadTypeOf(packet),
    sequenceNumber: sequenceOf(packet),
    timestamp: timestampOf(packet),
    ssrc: ssrcOf(packet),
    payload: packet.subarray(headerBytes, end),
  };
}
