import { type FileHandle, mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RecordingId, TrackId } from '@cratersync/signaling/protocol';
import { syncDirectory } from '../store/durable-files.ts';
import {
  type CatalogueEntry,
  type ChunkRow,
  catalogueEntry,
  type RecordingRow,
  type TrackRow,
} from './catalogue-entries.ts';
import type { OpenFile } from './frame-log.ts';

/** Rewritten when this much of it is no longer needed. */
const SLACK_BYTES = 1 << 20;

/**
 * What the recorder knows of its recordings besides the media: the other half of the write-ahead log. It holds ids,
 * hashes and sealed blobs, and is small, so all of it is in memory too: `recordings`, changed only by `append`.
 *
 * A text file of lines `<CRC-32 in hex> <JSON of one entry>`. A line that does not hold is left out: at the end it was
 * not durable yet, elsewhere the disk has lost it, and recovery makes of the others what it can. The media
 * log frees its space by segments, which would drag entries along that live as long as a recording; here the file is
 * rewritten instead when most of it is history.
 */
export class Catalogue {
  readonly recordings = new Map<RecordingId, RecordingRow>();
  readonly #path: string;
  readonly #openFile: OpenFile;
  #file: FileHandle | null = null;
  #bytes = 0;
  #bytesWhenCompact = 0;
  #pending: string[] = [];
  #pendingNames = false;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, openFile: OpenFile) {
    this.#path = path;
    this.#openFile = openFile;
  }

  /** Reads what is there, up to a torn tail, and writes it anew. */
  static async open(path: string, openFile: OpenFile): Promise<Catalogue> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const catalogue = new Catalogue(path, openFile);
    for (const entry of readEntries(await readIfThere(path)))
      if (catalogue.#knows(entry)) catalogue.#apply(entry);
    await catalogue.#compact();
    return catalogue;
  }

  recording(recordingId: RecordingId): RecordingRow {
    const row = this.recordings.get(recordingId);
    if (row === undefined) throw new Error(`recording ${recordingId} is not in the catalogue`);
    return row;
  }

  track(recordingId: RecordingId, trackId: TrackId): TrackRow {
    const row = this.recording(recordingId).tracks.get(trackId);
    if (row === undefined) throw new Error(`track ${trackId} is not in the catalogue`);
    return row;
  }

  /** A recording or track is not durable yet. */
  get pendingNames(): boolean {
    return this.#pendingNames;
  }

  /** Takes effect at once, and is durable after the next commit. */
  append(entry: CatalogueEntry): void {
    this.#apply(entry);
    if (entry.type === 'opened' || entry.type === 'track') this.#pendingNames = true;
    this.#pending.push(lineOf(entry));
  }

  /** Makes everything appended so far durable. If that fails, the next call tries again with all of it. */
  commit(): Promise<void> {
    const commit = this.#queue.then(async () => {
      const names = this.#pendingNames;
      this.#pendingNames = false;
      try {
        await this.#writePending();
      } catch (error) {
        this.#pendingNames ||= names;
        throw error;
      }
    });
    this.#queue = commit.catch(() => {});
    return commit;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file?.close();
    this.#file = null;
  }

  async #writePending(): Promise<void> {
    const lines = this.#pending.length;
    if (lines === 0) return;
    if (this.#file === null || this.#bytes > 2 * this.#bytesWhenCompact + SLACK_BYTES) {
      await this.#compact();
      return;
    }
    const bytes = Buffer.from(this.#pending.join(''));
    try {
      const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, this.#bytes);
      if (bytesWritten < bytes.length) throw new Error('the catalogue was written in part only');
      await this.#file.datasync();
    } catch (error) {
      // What the file holds now is uncertain; the next attempt writes it anew.
      await this.#leaveFile();
      throw error;
    }
    this.#bytes += bytes.length;
    this.#pending.splice(0, lines);
  }

  /** Writes the present state, pending entries included, to a new file in place of the old one. */
  async #compact(): Promise<void> {
    const lines = this.#pending.length;
    const bytes = Buffer.from(Array.from(this.#currentEntries(), lineOf).join(''));
    const temporary = `${this.#path}.new`;
    const file = await this.#openFile(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
      await rename(temporary, this.#path);
      await syncDirectory(dirname(this.#path));
    } catch (error) {
      // Which of the two has the name now is uncertain as well.
      await this.#leaveFile();
      await file.close().catch(() => {});
      throw error;
    }
    await this.#leaveFile();
    this.#file = file;
    this.#bytes = this.#bytesWhenCompact = bytes.length;
    this.#pending.splice(0, lines);
  }

  async #leaveFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    // What was to be durable has been synced: a complaint at this point changes nothing.
    await file?.close().catch(() => {});
  }

  /** Whether what the entry speaks of is here: the line that introduced it may be lost. */
  #knows(entry: CatalogueEntry): boolean {
    if (entry.type === 'opened' || entry.type === 'forgotten') return true;
    const recording = this.recordings.get(entry.recordingId);
    if (recording === undefined || entry.type === 'track') return recording !== undefined;
    return !('trackId' in entry) || recording.tracks.has(entry.trackId);
  }

  #apply(entry: CatalogueEntry): void {
    switch (entry.type) {
      case 'opened': {
        const { type, ...fields } = entry;
        this.recordings.set(entry.recordingId, {
          ...fields,
          anchor: null,
          tracks: new Map(),
          durationUs: null,
          manifest: null,
          finalized: false,
        });
        return;
      }
      case 'anchored': {
        const { type, recordingId, ...anchor } = entry;
        this.recording(recordingId).anchor = anchor;
        return;
      }
      case 'track': {
        const { type, recordingId, ...fields } = entry;
        const row = { ...fields, chunks: [], damaged: [], ledger: null };
        this.recording(recordingId).tracks.set(entry.trackId, row);
        return;
      }
      case 'sealed': {
        const { type, recordingId, trackId, ledger, ...chunk } = entry;
        const track = this.track(recordingId, trackId);
        track.chunks.push({ ...chunk, stored: false });
        // One whose line was lost is named again after its successors.
        track.chunks.sort((a, b) => a.sequence - b.sequence);
        track.ledger = ledger;
        return;
      }
      case 'stored': {
        const { epoch, sequence } = entry;
        const chunk = this.track(entry.recordingId, entry.trackId).chunks.findLast(
          row => row.epoch === epoch && row.sequence === sequence,
        );
        if (chunk !== undefined) chunk.stored = true;
        return;
      }
      case 'damaged': {
        const track = this.track(entry.recordingId, entry.trackId);
        const isIt = ({ epoch, sequence }: ChunkRow) => epoch === entry.epoch && sequence === entry.sequence;
        track.damaged.push(...track.chunks.filter(isIt));
        track.chunks = track.chunks.filter(row => !isIt(row));
        return;
      }
      case 'ledger':
        this.track(entry.recordingId, entry.trackId).ledger = entry.ledger;
        return;
      case 'closing':
        this.recording(entry.recordingId).durationUs = entry.durationUs;
        return;
      case 'manifest':
        this.recording(entry.recordingId).manifest = { merkleRoot: entry.merkleRoot, body: entry.body };
        return;
      case 'finalized':
        this.recording(entry.recordingId).finalized = true;
        return;
      case 'forgotten':
        this.recordings.delete(entry.recordingId);
        return;
    }
  }

  /** The shortest row of entries that leads to the present state. */
  *#currentEntries(): Generator<CatalogueEntry> {
    for (const { tracks, durationUs, manifest, finalized, anchor, ...fields } of this.recordings.values()) {
      const { recordingId } = fields;
      yield { type: 'opened', ...fields };
      if (anchor !== null) yield { type: 'anchored', recordingId, ...anchor };
      for (const { chunks, damaged, ledger, ...track } of tracks.values()) {
        const { trackId } = track;
        yield { type: 'track', recordingId, ...track };
        for (const { stored, ...chunk } of damaged) {
          yield { type: 'sealed', recordingId, trackId, ledger: null, ...chunk };
          const { epoch, sequence } = chunk;
          yield { type: 'damaged', recordingId, trackId, epoch, sequence };
        }
        for (const { stored, ...chunk } of chunks) {
          yield { type: 'sealed', recordingId, trackId, ledger: null, ...chunk };
          const { epoch, sequence } = chunk;
          if (stored) yield { type: 'stored', recordingId, trackId, epoch, sequence };
        }
        if (ledger !== null) yield { type: 'ledger', recordingId, trackId, ledger };
      }
      if (durationUs !== null) yield { type: 'closing', recordingId, durationUs };
      if (manifest !== null) yield { type: 'manifest', recordingId, ...manifest };
      if (finalized) yield { type: 'finalized', recordingId };
    }
  }
}

/** The recordings that a catalogue names, for whoever may not open it: its recorder may be writing it. */
export async function cataloguedRecordings(path: string): Promise<ReadonlySet<RecordingId>> {
  const recordings = new Set<RecordingId>();
  for (const entry of readEntries(await readIfThere(path))) {
    if (entry.type === 'opened') recordings.add(entry.recordingId);
    else if (entry.type === 'forgotten') recordings.delete(entry.recordingId);
  }
  return recordings;
}

function lineOf(entry: CatalogueEntry): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function* readEntries(text: string): Generator<CatalogueEntry> {
  // What follows the last end of line was cut off.
  for (const line of text.split('\n').slice(0, -1)) {
    const json = line.slice(9);
    if (json !== '' && Number.parseInt(line.slice(0, 8), 16) === crc32(json))
      yield catalogueEntry.parse(JSON.parse(json));
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
