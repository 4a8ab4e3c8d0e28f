const MINOR_EVERY_BYTES = 2 ** 20;
const LOOK_EVERY_BYTES = 2 ** 24;
/** A look at everything takes some 40 ms. */
const MAJOR_BEHIND_BYTES = 2 ** 25;
let sinceMinor = 0;
let sinceLook = 0;
/** Outside V8's heap, after the last look at everything. */
let kept = 0;

/**
 * To be told of buffers that have been done with. They die young, but outside V8's heap, where V8 lets some 60 MiB of them
 * gather before it looks, and keeps what little points at them. So it is made to look once a MiB, where the process was
 * started with `--expose-gc`; that takes a fraction of a millisecond. Those that were in use at two such looks count as old, and
 * are only let go by a look at everything: when 32 MiB more are kept than after the last one.
 */
export function letGo(bytes: number): void {
  sinceMinor += bytes;
  if (sinceMinor < MINOR_EVERY_BYTES) return;
  sinceLook += sinceMinor;
  sinceMinor = 0;
  globalThis.gc?.({ type: 'minor' });
  if (sinceLook < LOOK_EVERY_BYTES) return;
  sinceLook = 0;
  if (process.memoryUsage().arrayBuffers < kept + MAJOR_BEHIND_BYTES) return;
  globalThis.gc?.({ type: 'major' });
  kept = process.memoryUsage().arrayBuffers;
}

/** To be told that something large is over. What it took goes back to the system, too; that takes a tenth of a second. */
export function letGoOfAll(): void {
  globalThis.gc?.({ type: 'major', flavor: 'last-resort' });
}
