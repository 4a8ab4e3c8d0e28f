/**
 * Puts items back in the order of their (unwrapped) sequence. It waits for a missing one until `capacity` items wait
 * behind it or the arrival of the newest is `windowUs` past that of the oldest: retransmissions come within a second.
 * Duplicates, and what comes after its place has been passed, are dropped.
 */
export class Reorder<Item extends { sequence: number; atUs: number }> {
  readonly #waiting = new Map<number, Item>();
  readonly #capacity: number;
  readonly #windowUs: number;
  #next: number | null = null;

  constructor(capacity = 2048, windowUs = 2_000_000) {
    this.#capacity = capacity;
    this.#windowUs = windowUs;
  }

  /** @param ready receives what is in its place now */
  push(item: Item, ready: Item[]): void {
    if (this.#next === item.sequence && this.#waiting.size === 0) {
      this.#next += 1;
      ready.push(item);
      return;
    }
    // The first to arrive need not be the first that was sent: it waits for the window as well.
    if (this.#next !== null && item.sequence < this.#next) return;
    if (!this.#waiting.has(item.sequence)) this.#waiting.set(item.sequence, item);
    if (this.#next !== null) this.#inOrder(ready);
    while (this.#waiting.size > 0 && this.#overdue(item.atUs)) this.#skip(ready);
  }

  /** Everything that still waits, in order. */
  flush(ready: Item[]): void {
    while (this.#waiting.size > 0) this.#skip(ready);
    this.#next = null;
  }

  #overdue(nowUs: number): boolean {
    if (this.#waiting.size > this.#capacity) return true;
    const [oldest] = this.#waiting.values();
    return oldest !== undefined && nowUs - oldest.atUs > this.#windowUs;
  }

  #skip(ready: Item[]): void {
    let lowest = Number.POSITIVE_INFINITY;
    for (const sequence of this.#waiting.keys()) lowest = Math.min(lowest, sequence);
    this.#next = lowest;
    this.#inOrder(ready);
  }

  #inOrder(ready: Item[]): void {
    for (let next = this.#next; next !== null; ) {
      const item = this.#waiting.get(next);
      if (item === undefined) return;
      this.#waiting.delete(next);
      next += 1;
      this.#next = next;
      ready.push(item);
    }
  }
}
