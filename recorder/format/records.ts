import { MAX_FRAME_BYTES } from './cipher.ts';
import { FormatError } from './format-error.ts';
import { decodeJson, journalEvent } from './schemas.ts';
import type { JournalRecord } from './types.ts';

/**
 * A frame's plaintext is a row of records, each whole: type u8, session time u48 in µs, length u16, body. Packets and
 * Sender Reports are binary, events are JSON: they are rare, and richer.
 */
export const RECORD_HEAD_BYTES = 9;
const MAX_BODY_BYTES = MAX_FRAME_BYTES - RECORD_HEAD_BYTES;
const TYPE = { rtp: 1, 'sender-report': 2, event: 3 } as const;
const REPORT_BYTES = 20;

/** @returns the record's bytes, 65536 at most, so that every record fits a frame */
export function encodeRecord(record: JournalRecord): Buffer {
  switch (record.type) {
    case 'rtp':
      return withHead(TYPE.rtp, record.atUs, record.packet);
    case 'sender-report': {
      const body = Buffer.alloc(REPORT_BYTES);
      body.writeUInt32BE(record.ssrc, 0);
      body.writeBigUInt64BE(BigInt(record.ntpUs), 4);
      body.writeUInt32BE(record.rtpTimestamp, 12);
      body.writeUInt32BE(record.packetCount, 16);
      return withHead(TYPE['sender-report'], record.atUs, body);
    }
    case 'event':
      return withHead(TYPE.event, record.atUs, Buffer.from(JSON.stringify(record.event)));
  }
}

function withHead(type: number, atUs: number, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_HEAD_BYTES + body.length);
  writeHead(bytes, 0, type, atUs, body.length);
  bytes.set(body, RECORD_HEAD_BYTES);
  return bytes;
}

/**
 * Writes an 'rtp' record where it belongs, for the one caller that does this for every packet: `RECORD_HEAD_BYTES +
 * bytes` of `target` from `offset` on.
 * @param packet at the beginning of this memory, `bytes` long
 */
export function writeRtpRecord(
  target: Buffer,
  offset: number,
  atUs: number,
  packet: Buffer,
  bytes: number,
): void {
  writeHead(target, offset, TYPE.rtp, atUs, bytes);
  packet.copy(target, offset + RECORD_HEAD_BYTES, 0, bytes);
}

function writeHead(target: Buffer, offset: number, type: number, atUs: number, bodyBytes: number): void {
  if (bodyBytes > MAX_BODY_BYTES) throw new RangeError(`a record holds ${MAX_BODY_BYTES} bytes`);
  target[offset] = type;
  target.writeUIntBE(atUs, offset + 1, 6);
  target.writeUInt16BE(bodyBytes, offset + 7);
}

/**
 * Reads the records of one frame, without events of unknown kinds. Packets are views into `plaintext`, not copies.
 * @throws FormatError at the first record that is malformed; those before it have been yielded
 */
export function* decodeRecords(plaintext: Uint8Array): Generator<JournalRecord> {
  const bytes = Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < RECORD_HEAD_BYTES) throw new FormatError('a record is cut off in its head');
    const type = bytes.readUInt8(offset);
    const atUs = bytes.readUIntBE(offset + 1, 6);
    const start = offset + RECORD_HEAD_BYTES;
    const end = start + bytes.readUInt16BE(offset + 7);
    if (end > bytes.length) throw new FormatError('a record is cut off in its body');
    const record = decodeBody(type, atUs, bytes.subarray(start, end));
    if (record !== null) yield record;
    offset = end;
  }
}

function decodeBody(type: number, atUs: number, body: Buffer): JournalRecord | null {
  switch (type) {
    case TYPE.rtp:
      return { type: 'rtp', atUs, packet: body };
    case TYPE['sender-report']:
      return decodeReport(atUs, body);
    case TYPE.event: {
      const event = decodeJson(journalEvent, body, 'an event');
      return event === null ? null : { type: 'event', atUs, event };
    }
    default:
      throw new FormatError(`record type ${type} is unknown here`);
  }
}

function decodeReport(atUs: number, body: Buffer): JournalRecord {
  if (body.length !== REPORT_BYTES) throw new FormatError(`a sender report of ${body.length} bytes`);
  return {
    type: 'sender-report',
    atUs,
    ssrc: body.readUInt32BE(0),
    ntpUs: Number(body.readBigUInt64BE(4)),
    rtpTimestamp: body.readUInt32BE(12),
    packetCount: body.readUInt32BE(16),
  };
}
