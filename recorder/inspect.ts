import { createHash } from 'node:crypto';
import { AppError } from '@cratersync/signaling/protocol';
import {
  createOpener,
  decodeRecords,
  FormatError,
  frameSpans,
  type JournalRecord,
  type Opener,
  readHead,
  type SealedHeader,
} from './format/index.ts';
import { type Keys, KeysUnavailable } from './keys/index.ts';

/** What a sealed object is, without its content. */
export interface Inspection {
  bytes: number;
  /** Hex, of the whole object. */
  sha256: string;
  purpose: SealedHeader['purpose'];
  organizationId: string;
  sessionId: string;
  recordingId: string;
  /** All zeros for a manifest, the stem's id for a stem. */
  trackId: string;
  epoch: number;
  sequence: number;
  startUs: number;
  /** Hex; zeros for a track's first chunk. */
  previousHash: string;
  frames: InspectedFrame[];
  /** What is wrong with it: torn, damaged, sealed with another key. null when nothing is known to be. */
  fault: string | null;
  /** Why it could not be opened; null when it was. Then frames are only counted, and nothing is proven. */
  keyMissing: string | null;
  /** Of a chunk that was opened. */
  records: RecordCounts | null;
}

export interface InspectedFrame {
  index: number;
  /** As stored: length, ciphertext and tag. */
  bytes: number;
  final: boolean;
  records: RecordCounts | null;
}

export interface RecordCounts {
  packets: number;
  senderReports: number;
  /** By kind. */
  events: Record<string, number>;
  firstUs: number | null;
  lastUs: number | null;
}

/**
 * Says what a chunk, manifest or stem is and whether it is whole. Organization and session are taken from its header,
 * which decryption then proves: whoever runs this is trusted with every tenant. Media and keys stay inside.
 * @throws FormatError when it is no sealed object at all
 */
export async function inspectObject(bytes: Uint8Array, keys: Keys | null): Promise<Inspection> {
  const header = readHead(bytes);
  const { keyId, previousHash, salt, ...fields } = header;
  const inspection: Inspection = {
    ...fields,
    recordingId: keyId,
    previousHash: Buffer.from(previousHash).toString('hex'),
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    frames: [],
    fault: null,
    keyMissing: null,
    records: null,
  };
  try {
    const opener = await openWith(keys, header, bytes);
    if (typeof opener === 'string') inspection.keyMissing = opener;
    inspectFrames(inspection, bytes, typeof opener === 'string' ? null : opener);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    inspection.fault = error.message;
  }
  return inspection;
}

/** @returns why there is no key, when there is none */
async function openWith(
  keys: Keys | null,
  { organizationId, sessionId, keyId }: SealedHeader,
  bytes: Uint8Array,
): Promise<Opener | string> {
  if (keys === null) return 'There are no keys here.';
  try {
    const sessionKey = await keys.sessionKey({ organizationId, sessionId }, keyId);
    return createOpener(sessionKey, bytes);
  } catch (error) {
    if (error instanceof KeysUnavailable || error instanceof AppError) return error.message;
    throw error;
  }
}

function inspectFrames(inspection: Inspection, bytes: Uint8Array, opener: Opener | null): void {
  const total = opener !== null && inspection.purpose === 'chunk' ? newCounts() : null;
  inspection.records = total;
  for (const { start, end, final } of frameSpans(bytes)) {
    const index = inspection.frames.length;
    const frame: InspectedFrame = { index, bytes: end - start, final, records: null };
    if (opener !== null) {
      const { plaintext } = opener.open(index, bytes.subarray(start, end));
      if (total !== null) {
        frame.records = newCounts();
        for (const record of decodeRecords(plaintext)) {
          count(frame.records, record);
          count(total, record);
        }
      }
    }
    inspection.frames.push(frame);
  }
}

const newCounts = (): RecordCounts => ({
  packets: 0,
  senderReports: 0,
  events: {},
  firstUs: null,
  lastUs: null,
});

function count(counts: RecordCounts, record: JournalRecord): void {
  counts.firstUs = Math.min(counts.firstUs ?? record.atUs, record.atUs);
  counts.lastUs = Math.max(counts.lastUs ?? record.atUs, record.atUs);
  if (record.type === 'rtp') counts.packets += 1;
  else if (record.type === 'sender-report') counts.senderReports += 1;
  else counts.events[record.event.kind] = (counts.events[record.event.kind] ?? 0) + 1;
}
