import { statfs } from 'node:fs/promises';

/** An operator is told when this much of the disk is used, while there is time to do something about it. */
const FILLING_SHARE = 0.7;
/** Of what is kept free for recordings that have begun, this share is left to sound alone. */
const RESERVED_FOR_AUDIO = 0.25;

export type DiskLevel = 'roomy' | 'filling' | 'nearly-full';

export interface DiskSpace {
  freeBytes: number;
  /** What is used, and what is free. */
  totalBytes: number;
}

export async function diskSpace(directory: string): Promise<DiskSpace> {
  const { bavail, bfree, blocks, bsize } = await statfs(directory);
  // As df reckons: blocks that are set aside for others are neither free nor used.
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize };
}

/** How full the disk is, as of the last look: the path of a packet cannot wait for an answer. */
export class DiskWatch {
  readonly #look: () => Promise<DiskSpace>;
  readonly #minFreeBytes: number;
  #level: DiskLevel = 'roomy';
  #looking = false;

  constructor(options: { look: () => Promise<DiskSpace>; minFreeBytes: number }) {
    this.#look = options.look;
    this.#minFreeBytes = options.minFreeBytes;
  }

  get level(): DiskLevel {
    return this.#level;
  }

  /** @returns the new level if it has changed, else null. A disk that does not answer keeps its level. */
  async look(): Promise<DiskLevel | null> {
    if (this.#looking) return null;
    this.#looking = true;
    try {
      const before = this.#level;
      this.#level = this.#judge(await this.#look());
      return this.#level === before ? null : this.#level;
    } finally {
      this.#looking = false;
    }
  }

  #judge({ freeBytes, totalBytes }: DiskSpace): DiskLevel {
    if (freeBytes < this.#minFreeBytes * RESERVED_FOR_AUDIO) return 'nearly-full';
    return freeBytes <= totalBytes * (1 - FILLING_SHARE) ? 'filling' : 'roomy';
  }
}
