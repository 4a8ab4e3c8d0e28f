/**
 * Gives every part of a stream to several readers, each at its own pace but never more than one part apart: what is in
 * memory is one part. A reader that fails, or stops early, ends all; so does the source.
 * @throws what the first of them threw
 */
export async function fanOut<Part>(
  source: AsyncIterable<Part>,
  readers: readonly ((parts: AsyncIterable<Part>) => Promise<void>)[],
): Promise<void> {
  const slots = readers.map(() => new Slot<Part>());
  const failures: unknown[] = [];
  const abort = (error: unknown) => {
    failures.push(error);
    for (const slot of slots) slot.fail(error);
  };
  const reading = readers.map(async (read, index) => {
    const slot = slots[index] ?? new Slot<Part>();
    await read(slot);
    if (!slot.drained) throw new Error('a reader stopped before the end');
  });
  const settled = Promise.all(reading.map(each => each.catch(abort)));
  try {
    for await (const part of source) {
      await Promise.all(slots.map(slot => slot.put(part)));
      if (failures.length > 0) break;
    }
    for (const slot of slots) slot.end();
  } catch (error) {
    abort(error);
  }
  await settled;
  if (failures.length > 0) throw failures[0];
}

/** Room for one part between the source and one reader. */
class Slot<Part> implements AsyncIterable<Part> {
  #taken: PromiseWithResolvers<void> | null = null;
  #given = Promise.withResolvers<IteratorResult<Part, undefined>>();
  #failure: { error: unknown } | null = null;
  /** The reader has seen the end. */
  drained = false;

  constructor() {
    this.#given.promise.catch(() => undefined);
  }

  /** Resolves when the reader has taken it, or never will. */
  async put(value: Part): Promise<void> {
    if (this.#failure !== null) return;
    this.#taken = Promise.withResolvers();
    this.#given.resolve({ done: false, value });
    await this.#taken.promise;
  }

  end(): void {
    this.#given.resolve({ done: true, value: undefined });
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#given.reject(error);
    this.#taken?.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<Part, undefined> {
    return {
      next: async () => {
        const result = await this.#given.promise;
        if (result.done === true) {
          this.drained = true;
          return result;
        }
        this.#given = Promise.withResolvers();
        this.#given.promise.catch(() => undefined);
        if (this.#failure !== null) this.#given.reject(this.#failure.error);
        this.#taken?.resolve();
        return result;
      },
      return: async () => ({ done: true, value: undefined }),
    };
  }
}
