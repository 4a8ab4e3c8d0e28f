/** RTCP of the tap: reading Sender Reports, writing receiver reports and feedback (RFC 3550 section 6, RFC 4585 section 6). */

const TYPE = {
  senderReport: 200,
  receiverReport: 201,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;
const GENERIC_NACK = 1;
const PICTURE_LOSS = 1;
const VERSION_BITS = 0x80;
const SENDER_REPORT_BYTES = 28;
const REPORT_BLOCK_BYTES = 24;

export interface SenderReport {
  ssrc: number;
  /** The NTP timestamp as µs since 1900. */
  ntpUs: number;
  /** Its middle 32 bits, as receiver reports quote it. */
  ntpCompact: number;
  rtpTimestamp: number;
  packetCount: number;
}

/** @returns the Sender Reports of a compound packet in their order, or null when it is malformed */
export function parseSenderReports(packet: Buffer): SenderReport[] | null {
  const reports: SenderReport[] = [];
  let offset = 0;
  while (offset < packet.length) {
    if (packet.length - offset < 4 || (packet[offset] ?? 0) >> 6 !== 2) return null;
    const end = offset + 4 + 4 * packet.readUInt16BE(offset + 2);
    if (end > packet.length) return null;
    if (packet[offset + 1] === TYPE.senderReport) {
      if (end - offset < SENDER_REPORT_BYTES) return null;
      reports.push(readSenderReport(packet, offset));
    }
    offset = end;
  }
  return offset === 0 ? null : reports;
}

function readSenderReport(packet: Buffer, offset: number): SenderReport {
  const seconds = packet.readUInt32BE(offset + 8);
  const fraction = packet.readUInt32BE(offset + 12);
  return {
    ssrc: packet.readUInt32BE(offset + 4),
    ntpUs: seconds * 1_000_000 + Math.round((fraction * 1_000_000) / 2 ** 32),
    ntpCompact: (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0,
    rtpTimestamp: packet.readUInt32BE(offset + 16),
    packetCount: packet.readUInt32BE(offset + 20),
  };
}

/** What a receiver report says of one stream (RFC 3550 section 6.4.1). */
export interface ReceptionReport {
  ssrc: number;
  /** Of the packets expected since the last report, in 256ths. */
  fractionLost: number;
  /** Since the start; duplicates can make it negative. */
  cumulativeLost: number;
  /** Cycles of the sequence number in the high 16 bits. */
  highestSequence: number;
  /** In units of the RTP clock. */
  jitter: number;
  /** `ntpCompact` of the last Sender Report, 0 when there was none. */
  lastReport: number;
  /** Since then, in 65536ths of a second. */
  delaySinceLastReport: number;
}

export function receiverReport(senderSsrc: number, report: ReceptionReport): Buffer {
  const packet = header(TYPE.receiverReport, 1, 8 + REPORT_BLOCK_BYTES, senderSsrc);
  packet.writeUInt32BE(report.ssrc, 8);
  packet.writeUInt8(Math.min(255, Math.max(0, report.fractionLost)), 12);
  packet.writeIntBE(Math.min(0x7fffff, Math.max(-0x800000, report.cumulativeLost)), 13, 3);
  packet.writeUInt32BE(report.highestSequence >>> 0, 16);
  packet.writeUInt32BE(report.jitter >>> 0, 20);
  packet.writeUInt32BE(report.lastReport, 24);
  packet.writeUInt32BE(report.delaySinceLastReport >>> 0, 28);
  return packet;
}

/** Asks for a picture that can be decoded without those before it (RFC 4585 section 6.3.1). */
export function pictureLoss(senderSsrc: number, mediaSsrc: number): Buffer {
  const packet = header(TYPE.payloadFeedback, PICTURE_LOSS, 12, senderSsrc);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/**
 * Asks for packets again (RFC 4585 section 6.2.1).
 * @param sequences in ascending order of the unwrapped sequence; one entry of the message covers 17 in a row
 */
export function genericNack(senderSsrc: number, mediaSsrc: number, sequences: readonly number[]): Buffer {
  const entries: { first: number; mask: number }[] = [];
  for (const sequence of sequences) {
    const last = entries.at(-1);
    const distance = last === undefined ? 0 : sequence - last.first;
    if (last !== undefined && distance >= 1 && distance <= 16) last.mask |= 1 << (distance - 1);
    else entries.push({ first: sequence, mask: 0 });
  }
  const packet = header(TYPE.transportFeedback, GENERIC_NACK, 12 + 4 * entries.length, senderSsrc);
  packet.writeUInt32BE(mediaSsrc, 8);
  entries.forEach(({ first, mask }, index) => {
    packet.writeUInt16BE(first & 0xffff, 12 + 4 * index);
    packet.writeUInt16BE(mask, 14 + 4 * index);
  });
  return packet;
}

function header(type: number, count: number, bytes: number, senderSsrc: number): Buffer {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(VERSION_BITS | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  packet.writeUInt32BE(senderSsrc, 4);
  return packet;
}
