import type { SealedChunk } from './chunk-writer.ts';

type Sealed = Pick<SealedChunk, 'epoch' | 'sequence' | 'startUs'>;

/** How far one track is out of danger. All instants are session time in µs. */
export class Watermark {
  /** Where the chunks begin that are sealed and that the store has not acknowledged. */
  readonly #unstored = new Map<string, number>();

  sealed(chunk: Sealed): void {
    this.#unstored.set(nameOf(chunk), chunk.startUs);
  }

  /** The store has acknowledged it, or it never will. */
  settled(chunk: Sealed): void {
    this.#unstored.delete(nameOf(chunk));
  }

  /**
   * @param openUs where the chunk begins that is being written, if there is one
   * @param onDiskUs everything that was received before is on disk
   * @returns everything that was received before is in the store
   */
  safeUs(openUs: number | null, onDiskUs: number): number {
    return Math.min(onDiskUs, openUs ?? onDiskUs, ...this.#unstored.values());
  }
}

const nameOf = ({ epoch, sequence }: Sealed) => `${epoch}-${sequence}`;
