import type { exports } from '@cratersync/db';
import type { Sealer } from '@cratersync/infra/runtime';
import type { RecordingId } from '@cratersync/signaling/protocol';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { Contents, LeftOut, Opened, TakenRecording } from './contents.ts';
import { contentOf, type PlannedFile, TAR_END, tarEntry, type WrittenFile } from './entries.ts';
import { MANIFEST_PATH, manifestText } from './manifest.ts';
import { Parts, type PartsOptions, readNote, turnOf } from './parts.ts';

/** Somebody else goes on with it, or nobody: it was cancelled. */
export class OutOfTurn extends Error {}

/** What lies behind each part, for whoever goes on there. What was written is in each of them only since the one before. */
interface Note {
  step: number;
  /** Of that step, what is not written; the first of them may be in part. null: it was not looked into yet. */
  pending: PlannedFile[] | null;
  /** How much of the first one stands in the archive: its head counts. */
  written: number;
  /** What stands behind the part already, base64. */
  rest: string;
  files: WrittenFile[];
  recordings: TakenRecording[];
  leftOut: LeftOut[];
  audit: NonNullable<Opened['audit']> | null;
  /** The manifest is being written: what was gone then. */
  gone: RecordingId[] | null;
}

export interface WritingOptions extends Omit<PartsOptions, 'store'> {
  store: ObjectStore;
  keys: Keys;
  sealer: Sealer;
  signal: AbortSignal;
  row: exports.Export;
  plan: unknown[];
  contents: Contents;
  /** Notes a part. @returns false when it is not our turn any more */
  stored(bytes: number, doneSteps: number): Promise<boolean>;
  progress(doneSteps: number): Promise<boolean>;
}

const NOTHING = Buffer.alloc(0);
const PROGRESS_EVERY_MS = 500;

/** One turn of writing an export: a tar archive, in order, from where the last turn ended. */
export class Writing {
  readonly #options: WritingOptions;
  #parts: Parts;
  /** Of the part before the one that is being filled: that it is stored, and counts. */
  #underWay: Promise<void> = Promise.resolve();
  #toldAtMs = 0;
  #step = 0;
  #pending: PlannedFile[] | null = null;
  #written = 0;
  /** Since the last note. */
  #files: WrittenFile[] = [];
  #fresh: Pick<Note, 'recordings' | 'leftOut'> = { recordings: [], leftOut: [] };
  readonly #recordings: TakenRecording[] = [];
  readonly #leftOut: LeftOut[] = [];
  #audit: NonNullable<Opened['audit']> | null = null;
  #gone: RecordingId[] | null = null;
  #voids = 0;

  constructor(options: WritingOptions) {
    this.#options = options;
    this.#parts = new Parts(options, 0, NOTHING);
  }

  /** @returns what the last part has, and how many things were left out */
  async run(): Promise<{ bytes: number; leftOut: number }> {
    try {
      return await this.#write();
    } finally {
      // Nothing goes on behind the back of whoever is told of the end.
      await this.#underWay.catch(() => {});
    }
  }

  async #write(): Promise<{ bytes: number; leftOut: number }> {
    await this.#takeUp();
    const { plan, contents } = this.#options;
    for (; this.#step < plan.length; this.#step += 1) {
      if (this.#pending === null) this.#take(await contents.open(plan[this.#step]));
      await this.#writePending();
      await this.#tell();
    }
    await this.#underWay;
    const gone = await this.#writeManifest();
    if (this.#parts.isFull && this.#parts.rest.length > 0) await this.#store();
    await this.#underWay;
    const bytes = await this.#parts.store({}, true);
    return { bytes, leftOut: this.#leftOut.length + gone.length + this.#voids };
  }

  /** Goes on behind the last part that counts. */
  async #takeUp(): Promise<void> {
    const { row } = this.#options;
    for (let part = 0; part < row.parts; part += 1) {
      const note = await this.#note(part);
      this.#recordings.push(...note.recordings);
      this.#leftOut.push(...note.leftOut);
      this.#voids += note.files.filter(file => file.void !== undefined).length;
      if (part < row.parts - 1) continue;
      this.#parts = new Parts(this.#options, row.parts, Buffer.from(note.rest, 'base64'));
      ({
        step: this.#step,
        pending: this.#pending,
        written: this.#written,
        audit: this.#audit,
        gone: this.#gone,
      } = note);
    }
  }

  async #note(part: number): Promise<Note> {
    return (await readNote(this.#options, part, turnOf(this.#options.row.beganAt, part))) as Note;
  }

  #take({ files, recordings = [], leftOut = [], audit }: Opened): void {
    this.#pending = files;
    this.#written = 0;
    this.#recordings.push(...recordings);
    this.#leftOut.push(...leftOut);
    this.#fresh.recordings.push(...recordings);
    this.#fresh.leftOut.push(...leftOut);
    if (audit !== undefined) this.#audit = audit;
  }

  async #writePending(): Promise<void> {
    for (let file = this.#pending?.[0]; file !== undefined; file = this.#pending?.[0]) {
      const written = await this.#writeFile(file, contentOf(file, this.#options));
      this.#pending?.shift();
      this.#written = 0;
      this.#files.push(written);
      if (written.void !== undefined) this.#voids += 1;
    }
    this.#pending = null;
  }

  /** Of a file that is in part there, the beginning is read once more, for its hash. */
  async #writeFile(
    file: PlannedFile,
    content: AsyncIterable<Buffer>,
    behind: Buffer = NOTHING,
  ): Promise<WrittenFile> {
    let there = this.#written;
    const push = async (bytes: Buffer) => {
      const fresh = bytes.subarray(Math.min(there, bytes.length));
      there -= bytes.length - fresh.length;
      if (fresh.length > 0) await this.#push(fresh);
    };
    // Also where it is broken off: what it is read from is closed then.
    await using entry = tarEntry(file, content, this.#options.row.orderedAt);
    for (;;) {
      const next = await entry.next();
      if (next.done !== true) await push(next.value);
      else {
        await push(behind);
        return next.value;
      }
    }
  }

  async #push(bytes: Buffer): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (this.#parts.isFull) await this.#store();
    this.#parts.add(bytes);
    this.#written += bytes.length;
  }

  /** The next part is filled while this one is being stored. */
  async #store(): Promise<void> {
    await this.#underWay;
    const note: Note = {
      ...{ step: this.#step, pending: this.#pending, written: this.#written },
      rest: this.#parts.rest.toString('base64'),
      ...{ files: this.#files, ...this.#fresh },
      ...{ audit: this.#audit, gone: this.#gone },
    };
    this.#underWay = this.#count(this.#parts.store(note, false), this.#step);
    // Whoever waits for it next is told.
    this.#underWay.catch(() => {});
    this.#files = [];
    this.#fresh = { recordings: [], leftOut: [] };
  }

  async #count(stored: Promise<number>, step: number): Promise<void> {
    if (!(await this.#options.stored(await stored, step))) throw new OutOfTurn();
  }

  async #tell(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < PROGRESS_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    if (!(await this.#options.progress(this.#step + 1))) throw new OutOfTurn();
  }

  /** Read from the notes, twice: an archive says how large a file is before it comes. */
  async #writeManifest(): Promise<RecordingId[]> {
    if (this.#gone === null) {
      this.#gone = await this.#options.contents.gone(this.#recordings);
      this.#written = 0;
    }
    const gone = this.#gone;
    const unnoted = [...this.#files];
    const known = this.#parts.count;
    // A note that is stored in the midst of the manifest has them next, and no others: so it is the same text again.
    const text = () =>
      manifestText({
        about: this.#options.contents.about,
        ...{ recordings: this.#recordings, leftOut: this.#leftOut, gone },
        audit: this.#audit,
        files: () => this.#allFiles(known, unnoted),
      });
    let bytes = 0;
    for await (const piece of text()) bytes += Buffer.byteLength(piece);
    const file: PlannedFile = { path: MANIFEST_PATH, bytes, from: { text: '' } };
    await this.#writeFile(file, gathered(text()), TAR_END);
    return gone;
  }

  async *#allFiles(notes: number, unnoted: readonly WrittenFile[]): AsyncGenerator<WrittenFile> {
    for (let part = 0; part < notes; part += 1) yield* (await this.#note(part)).files;
    yield* unnoted;
  }
}

const PIECE_CHARACTERS = 65_536;

/** Many small pieces as fewer larger ones. */
async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}
