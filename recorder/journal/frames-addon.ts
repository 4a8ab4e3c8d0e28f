import { join } from 'node:path';
import { loadAddon } from '../addon.ts';

declare const handle: unique symbol;
type Handle = { [handle]: true };

/** frames.c says what they do. */
export interface FramesAddon {
  createSealer(key: Uint8Array, headerHash: Uint8Array, head: Uint8Array): Handle;
  seal(
    sealer: Handle,
    plaintext: Uint8Array,
    plaintextBytes: number,
    target: Uint8Array,
    offset: number,
    index: number,
    lengthWord: number,
  ): void;
  digest(sealer: Handle, target: Uint8Array): void;
  crc32(memory: Uint8Array, offset: number, bytes: number): number;
  read(path: string, pieces: Float64Array, target: Uint8Array, offset: number): Promise<number>;
}

/** null where it was not built: whoever would use it then does the same without, at a higher price. */
export const framesAddon = loadIfThere();

function loadIfThere(): FramesAddon | null {
  try {
    return loadAddon<FramesAddon>(join(import.meta.dirname, 'frames.c'));
  } catch {
    return null;
  }
}
