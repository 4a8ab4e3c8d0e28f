import { createHash, type Hash } from 'node:crypto';
import type { OrganizationId, RecordingId, SessionId, TrackId } from '@cratersync/signaling/protocol';
import {
  createSealer,
  encodeRecord,
  type JournalRecord,
  MAX_FRAME_BYTES,
  type Sealer,
  type StreamInfo,
} from '../format/index.ts';
import type { FrameLog, LogEntry } from './frame-log.ts';

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
  sessionKey: Uint8Array;
  epoch: number;
  log: FrameLog;
  chain: ChainPosition;
  onSealed(chunk: SealedChunk): void;
}

interface OpenChunk {
  number: number;
  sealer: Sealer;
  hash: Hash;
  entries: LogEntry[];
  bytes: number;
  endUs: number;
  packets: number;
}

/**
 * Packs one track's records into frames, and frames into chunks. A frame is sealed when it is full and at every
 * `flush`; a chunk when it is 10 s old or full, and at `close`. Each chunk begins with what the stream is.
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

  /** @param stream what the track is now; written first when the record begins a chunk */
  write(record: JournalRecord, stream: StreamInfo): void {
    const bytes = encodeRecord(record);
    const chunk = this.#chunkFor(record.atUs, stream);
    this.#fill(bytes);
    chunk.endUs = Math.max(chunk.endUs, record.atUs);
    if (record.type === 'rtp') chunk.packets += 1;
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
    const digest = chunk.hash.digest();
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
    const sealer = createSealer(sessionKey, {
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
      hash: createHash('sha256').update(sealer.head),
      entries: [log.append(number, 0, sealer.head)],
      bytes: sealer.head.length,
      endUs: atUs,
      packets: 0,
    };
    this.#fill(encodeRecord({ type: 'event', atUs, event: { kind: 'stream', ...stream } }));
    return this.#chunk;
  }

  #fill(record: Buffer): void {
    if (this.#frameBytes + record.length > MAX_FRAME_BYTES && this.#chunk !== null) {
      this.#sealFrame(this.#chunk, false);
    }
    const needed = this.#frameBytes + record.length;
    if (needed > this.#frame.length) {
      const larger = Buffer.allocUnsafe(Math.min(MAX_FRAME_BYTES, 2 ** Math.ceil(Math.log2(needed))));
      this.#frame.copy(larger, 0, 0, this.#frameBytes);
      this.#frame = larger;
    }
    this.#frame.set(record, this.#frameBytes);
    this.#frameBytes = needed;
  }

  #sealFrame(chunk: OpenChunk, final: boolean): void {
    const frame = chunk.sealer.seal(this.#frame.subarray(0, this.#frameBytes), final);
    this.#frameBytes = 0;
    chunk.hash.update(frame);
    chunk.entries.push(this.#options.log.append(chunk.number, chunk.entries.length, frame));
    chunk.bytes += frame.length;
  }
}
