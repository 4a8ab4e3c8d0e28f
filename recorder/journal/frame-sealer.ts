import { createHash, hash } from 'node:crypto';
import {
  createSealer,
  deriveSealingKey,
  FINAL_FLAG,
  FRAME_OVERHEAD_BYTES,
  MAX_FRAME_BYTES,
  type SealedHeader,
} from '../format/index.ts';
import { type FramesAddon, framesAddon } from './frames-addon.ts';

/** Seals one chunk, each frame straight to where it is written from, and hashes it. */
export interface FrameSealer {
  readonly header: SealedHeader;
  /** The chunk's first 192 bytes. */
  readonly head: Buffer;
  /**
   * Seals the first `bytes` of `plaintext` as the next frame, and puts that to `offset` of `memory`: `bytes +
   * FRAME_OVERHEAD_BYTES`.
   * @throws after the final frame
   */
  sealInto(memory: Buffer, offset: number, plaintext: Buffer, bytes: number, final: boolean): void;
  /** @returns SHA-256 over head and frames. Called once, at the end */
  digest(): Buffer;
}

/**
 * @param sessionKey 32 bytes
 * @param addon null: without it, with the same result
 * @param salt fixed only by test vectors
 */
export function createFrameSealer(
  sessionKey: Uint8Array,
  fields: Omit<SealedHeader, 'salt'>,
  addon: FramesAddon | null = framesAddon,
  salt?: Uint8Array,
): FrameSealer {
  return addon === null
    ? nodeSealer(sessionKey, fields, salt)
    : nativeSealer(addon, sessionKey, fields, salt);
}

function nodeSealer(...sealing: Parameters<typeof createSealer>): FrameSealer {
  const { header, head, seal } = createSealer(...sealing);
  const whole = createHash('sha256').update(head);
  return {
    header,
    head,
    sealInto: (memory, offset, plaintext, bytes, final) => {
      const frame = seal(plaintext.subarray(0, bytes), final);
      whole.update(frame);
      memory.set(frame, offset);
    },
    digest: () => whole.digest(),
  };
}

function nativeSealer(addon: FramesAddon, ...sealing: Parameters<typeof deriveSealingKey>): FrameSealer {
  const { header, headerBytes, head, key } = deriveSealingKey(...sealing);
  const sealer = addon.createSealer(key, hash('sha256', headerBytes, 'buffer'), head);
  let index = 0;
  let closed = false;
  return {
    header,
    head,
    sealInto: (memory, offset, plaintext, bytes, final) => {
      if (closed) throw new Error('sealed already: the final frame was written');
      if (bytes > MAX_FRAME_BYTES) throw new RangeError(`a frame holds ${MAX_FRAME_BYTES} bytes`);
      if (offset + bytes + FRAME_OVERHEAD_BYTES > memory.length) throw new RangeError('there is no room');
      addon.seal(sealer, plaintext, bytes, memory, offset, index, bytes + (final ? FINAL_FLAG : 0));
      index += 1;
      closed = final;
    },
    digest: () => {
      const digest = Buffer.alloc(32);
      addon.digest(sealer, digest);
      return digest;
    },
  };
}
