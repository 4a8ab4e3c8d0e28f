/**
 * Chance that a seed gives again. `SEED=n` replays one seed, `SEEDS=n` tries so many instead of the usual number,
 * `FIRST_SEED=n` begins there.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In 0…1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(of: readonly [T, ...T[]]): T {
    return of[this.int(0, of.length - 1)] ?? of[0];
  }
}

/** What a scenario waits for is mostly not the processor. */
const AT_ONCE = 4;

/** Runs `scenario` for each seed, and says which one failed. */
export async function forSeeds(
  usual: number,
  scenario: (random: Random, seed: number) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const { SEED, SEEDS, FIRST_SEED } = process.env;
  const first = Number(SEED ?? FIRST_SEED ?? 1);
  const count = SEED === undefined ? Number(SEEDS ?? usual) : 1;
  let next = first;
  let failure: Error | null = null;
  const lane = async () => {
    while (next < first + count && failure === null) {
      const seed = next;
      next += 1;
      try {
        await scenario(new Random(seed), seed);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        failure ??= new Error(`seed ${seed}: ${what}\nSEED=${seed} replays it.`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failure !== null) throw failure;
}
