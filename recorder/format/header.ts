import type { OrganizationId, RecordingId, SessionId } from '@cratersync/signaling/protocol';
import { FormatError } from './format-error.ts';
import type { Purpose, SealedHeader } from './types.ts';

/** The header alone, without the key commitment that follows it. */
export const HEADER_BYTES = 160;
export const COMMITMENT_BYTES = 32;
/** What stands before the first frame of a sealed object. */
export const HEAD_BYTES = HEADER_BYTES + COMMITMENT_BYTES;
export const SALT_BYTES = 32;

/** As in PNG: the high bit and the line ends show at once what a transfer in text mode has done to a file. */
const MAGIC = Buffer.from('\x89CRSY\r\n\x1a', 'latin1');
const VERSION = 1;
/** HKDF-SHA-512 and AES-256-GCM. */
const SUITE = 1;
const PURPOSES: readonly Purpose[] = ['chunk', 'manifest', 'stem'];

/** Offsets within the header; all numbers are big-endian. docs/format.md has the table. */
const AT = {
  magic: 0,
  version: 8,
  suite: 9,
  purpose: 10,
  reserved: 11,
  organizationId: 16,
  sessionId: 32,
  trackId: 48,
  keyId: 64,
  epoch: 80,
  sequence: 84,
  startUs: 88,
  previousHash: 96,
  salt: 128,
} as const;

/** @returns the 160 bytes of the header. Ids must be UUIDs, `previousHash` and `salt` 32 bytes. */
export function encodeHeader(header: SealedHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes, AT.magic);
  bytes.writeUInt8(VERSION, AT.version);
  bytes.writeUInt8(SUITE, AT.suite);
  bytes.writeUInt8(PURPOSES.indexOf(header.purpose) + 1, AT.purpose);
  bytes.set(uuidBytes(header.organizationId), AT.organizationId);
  bytes.set(uuidBytes(header.sessionId), AT.sessionId);
  bytes.set(uuidBytes(header.trackId), AT.trackId);
  bytes.set(uuidBytes(header.keyId), AT.keyId);
  bytes.writeUInt32BE(header.epoch, AT.epoch);
  bytes.writeUInt32BE(header.sequence, AT.sequence);
  bytes.writeBigUInt64BE(BigInt(header.startUs), AT.startUs);
  bytes.set(exactly(header.previousHash, 32), AT.previousHash);
  bytes.set(exactly(header.salt, SALT_BYTES), AT.salt);
  return bytes;
}

/**
 * Reads the header of a sealed object. No key is needed, so nothing here is proven: who has the key learns from
 * `createOpener` whether it is genuine.
 * @param bytes at least the first 192 bytes of the object
 * @throws FormatError
 */
export function readHead(bytes: Uint8Array): SealedHeader {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (head.length < HEAD_BYTES) throw new FormatError(`only ${head.length} bytes: too short for a header`);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new FormatError('not a CraterSync object');
  const version = head.readUInt8(AT.version);
  if (version !== VERSION) throw new FormatError(`format version ${version} is unknown here`);
  const suite = head.readUInt8(AT.suite);
  if (suite !== SUITE) throw new FormatError(`cipher suite ${suite} is unknown here`);
  const purpose = PURPOSES[head.readUInt8(AT.purpose) - 1];
  if (purpose === undefined) throw new FormatError(`purpose ${head.readUInt8(AT.purpose)} is unknown here`);
  if (head.subarray(AT.reserved, AT.organizationId).some(byte => byte !== 0)) {
    throw new FormatError('reserved bytes of the header are not zero');
  }
  const startUs = head.readBigUInt64BE(AT.startUs);
  if (startUs > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError('the start time is out of range');
  return {
    purpose,
    organizationId: uuidAt(head, AT.organizationId) as OrganizationId,
    sessionId: uuidAt(head, AT.sessionId) as SessionId,
    trackId: uuidAt(head, AT.trackId),
    keyId: uuidAt(head, AT.keyId) as RecordingId,
    epoch: head.readUInt32BE(AT.epoch),
    sequence: head.readUInt32BE(AT.sequence),
    startUs: Number(startUs),
    previousHash: Buffer.from(head.subarray(AT.previousHash, AT.salt)),
    salt: Buffer.from(head.subarray(AT.salt, HEADER_BYTES)),
  };
}

function uuidBytes(uuid: string): Buffer {
  return exactly(Buffer.from(uuid.replaceAll('-', ''), 'hex'), 16);
}

function uuidAt(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function exactly<Bytes extends Uint8Array>(bytes: Bytes, length: number): Bytes {
  if (bytes.length !== length) throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}
