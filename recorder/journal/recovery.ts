import { createHash } from 'node:crypto';
import type { Log } from '@cratersync/infra/runtime';
import { kindOf, type RecordingId, type TrackId } from '@cratersync/signaling/protocol';
import {
  createOpener,
  createSealer,
  decodeRecords,
  encodeRecord,
  FormatError,
  type Opener,
  readHead,
  type SealedHeader,
} from '../format/index.ts';
import type { ChunkRow, RecordingRow, TrackRow } from './catalogue-entries.ts';
import type { ChainPosition, SealedChunk } from './chunk-writer.ts';
import type { FoundChunk, FoundFrame, LogEntry } from './frame-log.ts';
import type { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { openHoles } from './open-holes.ts';
import { EntryLost, readEntries } from './read-entries.ts';
import { openLedger, sealLedger } from './sealed-ledger.ts';

export interface RecoveredTrack {
  ledger: Ledger;
  chain: ChainPosition;
}

interface Found extends FoundChunk {
  header: SealedHeader;
}
/** What the log holds of one recording. */
export type FoundChunks = Found[];

/** What the log holds, by recording. What belongs to no recording in the catalogue is let go. */
export function sortFound(journal: Journal): Map<RecordingId, FoundChunks> {
  const byRecording = new Map<RecordingId, Found[]>();
  for (const found of journal.found) {
    const header = readHead(found.headBytes);
    const row = journal.catalogue.recordings.get(header.keyId);
    if (row === undefined || !row.tracks.has(header.trackId as TrackId)) {
      journal.release([found.head, ...found.frames]);
      continue;
    }
    byRecording.set(header.keyId, [...(byRecording.get(header.keyId) ?? []), { ...found, header }]);
  }
  return byRecording;
}

/**
 * Takes over what a dead recorder left of one recording: sealed chunks go to the store as they are, and the intact
 * frames of a torn one into a new chunk, under a fresh key and the present epoch. Nothing is reopened, so a recovery
 * that dies half-way is repeated by the next one: a chunk counts once its final frame is durable.
 * @returns per track, the account up to its last intact record, and where its chain goes on
 */
export async function recoverRecording(
  journal: Journal,
  row: RecordingRow,
  found: FoundChunks,
  options: { sessionKey: Uint8Array; log: Log },
): Promise<Map<TrackId, RecoveredTrack>> {
  const tracks = new Map<TrackId, RecoveredTrack>();
  for (const track of row.tracks.values()) {
    const mine = found.filter(({ header }) => header.trackId === track.trackId);
    tracks.set(track.trackId, await new TrackRecovery(journal, row, track, options).run(mine));
  }
  return tracks;
}

class TrackRecovery {
  readonly #journal: Journal;
  readonly #recording: RecordingRow;
  readonly #track: TrackRow;
  readonly #sessionKey: Uint8Array;
  readonly #log: Log;
  readonly #ledger: Ledger;
  readonly #stretches: { sequence: number; startUs: number; endUs: number }[] = [];
  #chain: ChainPosition;

  constructor(
    journal: Journal,
    recording: RecordingRow,
    track: TrackRow,
    { sessionKey, log }: { sessionKey: Uint8Array; log: Log },
  ) {
    this.#journal = journal;
    this.#recording = recording;
    this.#track = track;
    this.#sessionKey = sessionKey;
    this.#log = log;
    this.#ledger = new Ledger(
      kindOf(track.source),
      track.ledger === null ? undefined : openLedger(sessionKey, track.ledger),
    );
    const last = track.chunks.at(-1);
    this.#chain = {
      nextSequence: last === undefined ? 0 : last.sequence + 1,
      previousHash: last === undefined ? Buffer.alloc(32) : Buffer.from(last.sha256, 'hex'),
    };
  }

  async run(found: Found[]): Promise<RecoveredTrack> {
    const bySequence = Map.groupBy(found, ({ header }) => header.sequence);
    this.#settleNamed(bySequence);
    const sequences = [...bySequence.keys()].sort((a, b) => a - b);
    for (const sequence of sequences) {
      // Complete ones first. Of torn ones, the first to begin it has the most: the rest are salvages cut off themselves.
      const candidates = (bySequence.get(sequence) ?? []).sort(
        (a, b) => Number(b.complete) - Number(a.complete) || a.header.epoch - b.header.epoch,
      );
      let taken = false;
      for (const each of candidates) {
        if (taken) this.#journal.release([each.head, ...each.frames]);
        else taken = await this.#take(each, sequence === sequences.at(-1));
      }
    }
    this.#noteMissing();
    return { ledger: this.#ledger, chain: this.#chain };
  }

  /** Chunks that the catalogue names: they are stored, or the log has all of them. Takes them out of `bySequence`. */
  #settleNamed(bySequence: Map<number, Found[]>): void {
    for (const row of [...this.#track.chunks]) {
      this.#stretches.push(row);
      const candidates = bySequence.get(row.sequence) ?? [];
      bySequence.delete(row.sequence);
      const source = candidates.find(({ header }) => header.epoch === row.epoch);
      for (const each of candidates) {
        if (each !== source || row.stored) this.#journal.release([each.head, ...each.frames]);
      }
      if (row.stored) continue;
      const entries = source === undefined ? [] : [source.head, ...source.frames];
      if (sizeOf(entries) === row.bytes) this.#upload(row, entries);
      else {
        // Most likely the store has it, and its acknowledgement did not reach the catalogue.
        this.#journal.release(entries);
        this.#upload(row, []);
      }
    }
  }

  #upload(row: ChunkRow, entries: LogEntry[]): void {
    const { stored, ...chunk } = row;
    const { recordingId } = this.#recording;
    this.#journal.uploader.add({ ...chunk, recordingId, trackId: this.#track.trackId, entries });
  }

  /**
   * Takes over a chunk that the catalogue does not name: as it is when it is whole, else what is intact of it.
   * @param isLast what was missing when the recorder died, and might still have come, is lost
   * @returns false when nothing is
   */
  async #take(found: Found, isLast: boolean): Promise<boolean> {
    const entries = [found.head, ...found.frames];
    const opened = await this.#openFrames(found);
    const { sequence, previousHash } = found.header;
    const follows = Buffer.compare(this.#hashBefore(sequence, previousHash), previousHash) === 0;
    if (found.complete && opened.length === found.frames.length && follows) {
      const sha256 = createHash('sha256')
        .update(await readEntries(entries))
        .digest();
      const plaintexts = opened.map(({ plaintext }) => plaintext);
      this.#seal(found.header, plaintexts, { entries, sha256, epoch: found.header.epoch });
      if (isLast) for (const record of openHoles(plaintexts, this.#ledger)) this.#ledger.apply(record);
      return true;
    }
    this.#journal.release(entries);
    if (opened.length === 0) return false;
    const plaintexts = withDamage(found.header, opened);
    const holes = isLast ? openHoles(plaintexts, this.#ledger) : [];
    if (holes.length > 0) plaintexts.push(Buffer.concat(holes.map(encodeRecord)));
    this.#seal(found.header, plaintexts, this.#reseal(found.header, plaintexts));
    const { recordingId } = this.#recording;
    const { trackId } = this.#track;
    this.#log.info({ recordingId, trackId, frames: opened.length }, 'salvaged a torn chunk');
    return true;
  }

  /** What the chunk has to follow: the last of the chain, or if it lies within that, what it followed when it was sealed. */
  #hashBefore(sequence: number, sealedWith: Uint8Array): Uint8Array {
    return sequence < this.#chain.nextSequence ? sealedWith : this.#chain.previousHash;
  }

  #reseal({ salt, ...header }: SealedHeader, plaintexts: Buffer[]) {
    const { frames, epoch } = this.#journal;
    const previousHash = this.#hashBefore(header.sequence, header.previousHash);
    const sealer = createSealer(this.#sessionKey, { ...header, epoch, previousHash });
    const number = frames.nextChunk();
    const hash = createHash('sha256').update(sealer.head);
    const entries = [frames.append(number, 0, sealer.head)];
    for (const [index, plaintext] of plaintexts.entries()) {
      const frame = sealer.seal(plaintext, index === plaintexts.length - 1);
      hash.update(frame);
      entries.push(frames.append(number, index + 1, frame));
    }
    return { entries, sha256: hash.digest(), epoch };
  }

  /** Accounts for what the chunk holds, and hands it on to be named and stored. */
  #seal(
    header: SealedHeader,
    plaintexts: Buffer[],
    object: { entries: LogEntry[]; sha256: Buffer; epoch: number },
  ): void {
    let packets = 0;
    let endUs = header.startUs;
    for (const record of plaintexts.flatMap(plaintext => [...decodeRecords(plaintext)])) {
      // Its line in the catalogue may be lost, and later ones there that know of it.
      if (header.sequence > this.#ledger.lastChunk) this.#ledger.apply(record);
      endUs = Math.max(endUs, record.atUs);
      if (record.type === 'rtp') packets += 1;
    }
    this.#ledger.sealed(header.sequence);
    const { organizationId, sessionId, recordingId } = this.#recording;
    const { trackId } = this.#track;
    const chunk: SealedChunk = {
      recordingId,
      trackId,
      epoch: object.epoch,
      sequence: header.sequence,
      bytes: sizeOf(object.entries),
      sha256: object.sha256.toString('hex'),
      startUs: header.startUs,
      endUs,
      packets,
      entries: object.entries,
    };
    const owner = { organizationId, sessionId, recordingId, trackId };
    this.#journal.sealed(
      chunk,
      sealLedger(
        { ...owner, sessionKey: this.#sessionKey, epoch: this.#journal.epoch },
        this.#ledger.snapshot(),
      ),
    );
    if (header.sequence >= this.#chain.nextSequence)
      this.#chain = { nextSequence: header.sequence + 1, previousHash: object.sha256 };
    this.#stretches.push(chunk);
  }

  /** Chunks that are nowhere between those that are here are gaps; what the account knows already stays as it is. */
  #noteMissing(): void {
    const stretches = [...this.#stretches, ...this.#track.damaged].sort((a, b) => a.sequence - b.sequence);
    let before = { sequence: -1, endUs: 0 };
    for (const stretch of stretches) {
      const { sequence, startUs, endUs } = stretch;
      if (sequence > before.sequence + 1)
        this.#ledger.event({ kind: 'damaged', fromUs: before.endUs, toUs: startUs }, startUs);
      before = { sequence, endUs };
    }
  }

  /** The frames that hold. */
  async #openFrames(found: Found): Promise<OpenedFrame[]> {
    const opened: OpenedFrame[] = [];
    try {
      const opener = createOpener(this.#sessionKey, found.headBytes);
      for (const entry of found.frames) {
        const plaintext = await this.#openFrame(opener, entry, found);
        if (plaintext !== null) opened.push({ index: entry.index, plaintext });
      }
    } catch (error) {
      this.#noteDamage(error, found);
    }
    return opened;
  }

  async #openFrame(opener: Opener, entry: FoundFrame, found: Found): Promise<Buffer | null> {
    try {
      return opener.open(entry.index - 1, await readEntries([entry])).plaintext;
    } catch (error) {
      this.#noteDamage(error, found);
      return null;
    }
  }

  #noteDamage(error: unknown, { header }: Found): void {
    if (!(error instanceof FormatError || error instanceof EntryLost)) throw error;
    this.#log.error({ err: error, recordingId: header.keyId }, 'a frame in the log is damaged');
  }
}

interface OpenedFrame {
  index: number;
  plaintext: Buffer;
}

/** What frames hold, and between them, as a frame of its own, from when to when some are lost. */
function withDamage({ startUs }: SealedHeader, opened: OpenedFrame[]): Buffer[] {
  const plaintexts: Buffer[] = [];
  let [expected, lastUs] = [1, startUs];
  for (const { index, plaintext } of opened) {
    const times = Array.from(decodeRecords(plaintext), ({ atUs }) => atUs);
    if (index > expected) {
      const [toUs = lastUs] = times;
      const event = { kind: 'damaged', fromUs: lastUs, toUs } as const;
      plaintexts.push(encodeRecord({ type: 'event', atUs: toUs, event }));
    }
    plaintexts.push(plaintext);
    expected = index + 1;
    lastUs = Math.max(lastUs, ...times);
  }
  return plaintexts;
}

const sizeOf = (entries: readonly LogEntry[]) => entries.reduce((sum, entry) => sum + entry.bytes, 0);
