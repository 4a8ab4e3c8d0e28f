import { join } from 'node:path';
import { loadAddonIfThere } from '../addon.ts';

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

export const framesAddon = loadAddonIfThere<FramesAddon>(join(import.meta.dirname, 'frames.c'));
