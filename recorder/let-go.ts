const EVERY_BYTES = 2 ** 20;
let gathered = 0;

/**
 * To be told of buffers that have been done with. They die young, but outside V8's heap, where V8 lets some 60 MiB of them
 * gather before it looks, and keeps what little points at them. So it is made to look once a MiB, where the process was
 * started with `--expose-gc`; that takes a fraction of a millisecond.
 */
export function letGo(bytes: number): void {
  gathered += bytes;
  if (gathered < EVERY_BYTES) return;
  gathered = 0;
  globalThis.gc?.({ type: 'minor' });
}
