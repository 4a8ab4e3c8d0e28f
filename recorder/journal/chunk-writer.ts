import type { OrganizationId, RecordingId, SessionId, TrackId } from '@cratersync/signaling/protocol';
import {
  encodeRecord,
  FRAME_OVERHEAD_BYTES,
  type JournalRecord,
  MAX_FRAME_BYTES,
  RECORD_HEAD_BYTES,
  type StreamInfo,
  type TrackOrigin,
  writeRtpRecord,
} from '../format/index.ts';
import type { FrameLog, LogEntry } from './frame-log.ts';
import { createFrameSealer, type FrameSealer } from './frame-sealer.ts';

const MAX_CHUNK_US = 10_000_000;
const MAX_CHUNK_BYTES = 8 << 20;
/** A frame and its overhead still fit. */
const FULL_CHUNK_BYTES = MAX_CHUNK_BYTES - MAX_FRAME_BYTES - 1024;

/** A chunk whose final frame is in the log; once that is durable it can be stored. */
export interface SealedChunk {
  recordingId: RecordingId;
  trackId: TrackId;
  epoch: number;
  sequence: number;
  bytes: number;
  /** Hex, over the whole object. */
  sha256: string;
  startUs: number;
  endUs: number;
  packets: number;
  /** Head and frames, in order: together they are the object. */
  entries: LogEntry[];
}

/** Where the chain of a track's chunks stands. */
export interface ChainPosition {
  nextSequence: number;
  previousHash: Uint8Array;
}

export interface ChunkWriterOptions {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  trackId: TrackId;
  origin: TrackOrigin;
  sessionKey: Uint8Array;
  epoch: number;
  log: FrameLog;
  chain: ChainPosition;
  onSealed(chunk: SealedChunk): void;
}

interface OpenChunk {
  number: number;
  sealer: FrameSealer;
  entries: LogEntry[];
  bytes: number;
  endUs: number;
  packets: number;
}

/**
 * Packs one track's records into frames, and frames into chunks. A frame is sealed when it is full and at every
 * `flush`; a chunk when it is 10 s old or full, and at `close`. Each chunk begins with what the stream is, and whose.
 */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  #nextSequence: number;
  #previousHash: Uint8Array;
  #chunk: OpenChunk | null = null;
  /** Plaintext of the frame that is being filled. Grows with what the track sends. */
  #frame = Buffer.allocUnsafe(8 << 10);
  #frameBytes = 0;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
    this.#nextSequence = options.chain.nextSequence;
    this.#previousHash = options.chain.previousHash;
  }

  /**
   * @param packet at the beginning of this memory, `bytes` long
   * @param stream what the track is now; written first when the packet begins a chunk
   */
  writePacket(packet: Buffer, bytes: number, atUs: number, stream: StreamInfo): void {
    const chunk = this.#chunkFor(atUs, stream);
    const offset = this.#reserve(chunk, RECORD_HEAD_BYTES + bytes);
    writeRtpRecord(this.#frame, offset, atUs, packet, bytes);
    if (atUs > chunk.endUs) chunk.endUs = atUs;
    chunk.packets += 1;
  }

  /** Session time at which the chunk begins that is being written. */
  get openUs(): number | null {
    return this.#chunk?.sealer.header.startUs ?? null;
  }

  /** Any other record. */
  write(record: Exclude<JournalRecord, { type: 'rtp' }>, stream: StreamInfo): void {
    const chunk = this.#chunkFor(record.atUs, stream);
    this.#fill(chunk, encodeRecord(record));
    if (record.atUs > chunk.endUs) chunk.endUs = record.atUs;
  }

  /** Seals what has been written so far into the log, and the chunk too when it is due. */
  flush(nowUs: number): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    if (nowUs - chunk.sealer.header.startUs >= MAX_CHUNK_US) this.close();
    else if (this.#frameBytes > 0) this.#sealFrame(chunk, false);
  }

  /** Seals the open chunk, if there is one. Later records begin another. */
  close(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    this.#sealFrame(chunk, true);
    this.#chunk = null;
    const { recordingId, trackId, epoch } = this.#options;
    const digest = chunk.sealer.digest();
    this.#nextSequence += 1;
    this.#previousHash = digest;
    this.#options.onSealed({
      recordingId,
      trackId,
      epoch,
      sequence: chunk.sealer.header.sequence,
      bytes: chunk.bytes,
      sha256: digest.toString('hex'),
      startUs: chunk.sealer.header.startUs,
      endUs: chunk.endUs,
      packets: chunk.packets,
      entries: chunk.entries,
    });
  }

  #chunkFor(atUs: number, stream: StreamInfo): OpenChunk {
    const open = this.#chunk;
    if (open !== null) {
      const full = open.bytes + this.#frameBytes > FULL_CHUNK_BYTES;
      if (!full && atUs - open.sealer.header.startUs < MAX_CHUNK_US) return open;
      this.close();
    }
    const { log, epoch, sessionKey, ...ids } = this.#options;
    const { organizationId, sessionId, recordingId, trackId } = ids;
    const sealer = createFrameSealer(sessionKey, {
      purpose: 'chunk',
      organizationId,
      sessionId,
      keyId: recordingId,
      trackId,
      epoch,
      sequence: this.#nextSequence,
      startUs: atUs,
      previousHash: this.#previousHash,
    });
    const number = log.nextChunk();
    this.#chunk = {
      number,
      sealer,
      entries: [log.append(number, 0, sealer.head)],
      bytes: sealer.head.length,
      endUs: atUs,
      packets: 0,
    };
    this.#fill(this.#chunk, encodeRecord({ type: 'event', atUs, event: { kind: 'stream', ...stream } }));
    const track = { kind: 'track', ...this.#options.origin } as const;
    this.#fill(this.#chunk, encodeRecord({ type: 'event', atUs, event: track }));
    return this.#chunk;
  }

  #fill(chunk: OpenChunk, record: Buffer): void {
    // In this order: making room may put a larger frame in the place of this one.
    const offset = this.#reserve(chunk, record.length);
    this.#frame.set(record, offset);
  }

  /** Makes room in the frame, in the next one if need be. @returns where it begins */
  #reserve(chunk: OpenChunk, bytes: number): number {
    if (this.#frameBytes + bytes > MAX_FRAME_BYTES) this.#sealFrame(chunk, false);
    const start = this.#frameBytes;
    const end = start + bytes;
    if (end > this.#frame.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_FRAME_BYTES, 2 ** Math.ceil(Math.log2(end))));
      this.#frame.copy(larger, 0, 0, start);
      this.#frame = larger;
    }
    this.#frameBytes = end;
    return start;
  }

  #sealFrame(chunk: OpenChunk, final: boolean): void {
    const bytes = this.#frameBytes;
    this.#frameBytes = 0;
    const entry = this.#options.log.place(
      chunk.number,
      chunk.entries.length,
      bytes + FRAME_OVERHEAD_BYTES,
      (memory, offset) => chunk.sealer.sealInto(memory, offset, this.#frame, bytes, final),
    );
    chunk.entries.push(entry);
    chunk.bytes += entry.bytes;
  }
}
