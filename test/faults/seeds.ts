import { seededRandom } from '../support/random.ts';

/** Chance that a seed gives again. */
export class Random {
  /** In 0…1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
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

/**
 * Runs `scenario` for each seed, and says which one failed. `SEED=n` replays one, `SEEDS=n` tries so many instead of the
 * usual number, `TIMES=n` so many times the usual number, `FIRST_SEED=n` begins there.
 */
export async function forSeeds(
  usual: number,
  scenario: (random: Random, seed: number) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const { SEED, SEEDS, TIMES, FIRST_SEED } = process.env;
  const first = Number(SEED ?? FIRST_SEED ?? 1);
  const count = SEED === undefined ? Number(SEEDS ?? usual * Number(TIMES ?? 1)) : 1;
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
