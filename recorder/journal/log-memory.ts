const BLOCK_BYTES = 1 << 20;
/** Blocks that are kept for what comes. At most some are in use, unless the disk is away. */
const MAX_SPARE_BLOCKS = 16;
/** One write; more than that waits only when the disk was away, and is then brought in steps. */
const MAX_BATCH_BYTES = 8 << 20;

interface Block<Entry> {
  memory: Buffer;
  /** What lies between these two is pending. */
  start: number;
  end: number;
  /** Whose bytes that are, and where each ends. */
  entries: { entry: Entry; end: number }[];
}

/** The oldest of what is pending. It is not written to any more. */
export interface Batch {
  pieces: Buffer[];
  bytes: number;
}

/**
 * What a log has yet to write, in a few large blocks that are used again and again: in them, entries lie as they will in
 * the file. Nothing is allocated for an entry that V8 would have to collect, nor gathered when it is written.
 */
export class LogMemory<Entry> {
  /** Oldest first; the last one is being filled. */
  readonly #blocks: Block<Entry>[] = [];
  readonly #spare: Buffer[] = [];
  #pendingBytes = 0;

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** @param fill writes the entry's `bytes` to the offset of the memory it is given */
  add(entry: Entry, bytes: number, fill: (memory: Buffer, offset: number) => void): void {
    const block = this.#blockFor(bytes);
    fill(block.memory, block.end);
    block.end += bytes;
    block.entries.push({ entry, end: block.end });
    this.#pendingBytes += bytes;
  }

  /** @param mostBytes up to an entry's end @returns so much of what is pending, or what one write takes of it */
  oldest(mostBytes: number): Batch {
    const batch: Batch = { pieces: [], bytes: 0 };
    for (const { memory, start, end } of this.#blocks) {
      const bytes = Math.min(end - start, mostBytes - batch.bytes);
      if (bytes === 0 || (batch.bytes > 0 && batch.bytes + bytes > MAX_BATCH_BYTES)) break;
      batch.pieces.push(memory.subarray(start, start + bytes));
      batch.bytes += bytes;
    }
    return batch;
  }

  /** The batch is written: what was added to its last block meanwhile is still pending. @returns its entries, in order */
  release({ pieces, bytes }: Batch): Entry[] {
    const released: Entry[] = [];
    for (const { length } of pieces) {
      const block = this.#blocks[0];
      if (block === undefined) throw new Error('a batch is released that is not pending');
      block.start += length;
      const rest = block.entries.findIndex(({ end }) => end > block.start);
      const gone = block.entries.splice(0, rest < 0 ? block.entries.length : rest);
      for (const { entry } of gone) released.push(entry);
      if (block.start === block.end) this.#retire(block);
    }
    this.#pendingBytes -= bytes;
    return released;
  }

  #blockFor(bytes: number): Block<Entry> {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.end + bytes <= last.memory.length) return last;
    const spare = bytes <= BLOCK_BYTES ? this.#spare.pop() : undefined;
    const memory = spare ?? Buffer.allocUnsafeSlow(Math.max(bytes, BLOCK_BYTES));
    const block = { memory, start: 0, end: 0, entries: [] };
    this.#blocks.push(block);
    return block;
  }

  #retire({ memory }: Block<Entry>): void {
    this.#blocks.shift();
    if (memory.length === BLOCK_BYTES && this.#spare.length < MAX_SPARE_BLOCKS) this.#spare.push(memory);
  }
}
