const MINOR_EVERY_BYTES = 2 ** 20;
/** Takes some 40 ms. */
const MAJOR_EVERY_BYTES = 2 ** 24;
let sinceMinor = 0;
let sinceMajor = 0;

/**
 * To be told of buffers that have been done with. They die young, but outside V8's heap, where V8 lets some 60 MiB of them
 * gather before it looks, and keeps what little points at them. So it is made to look once a MiB, where the process was
 * started with `--expose-gc`; that takes a fraction of a millisecond. Those that were in use at two such looks count as old, and
 * are only let go by a look at everything.
 */
export function letGo(bytes: number): void {
  sinceMinor += bytes;
  if (sinceMinor < MINOR_EVERY_BYTES) return;
  sinceMajor += sinceMinor;
  sinceMinor = 0;
  const isMajor = sinceMajor >= MAJOR_EVERY_BYTES;
  if (isMajor) sinceMajor = 0;
  globalThis.gc?.({ type: isMajor ? 'major' : 'minor' });
}

/** To be told that something large is over. What it took goes back to the system, too; that takes a tenth of a second. */
export function letGoOfAll(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
}
