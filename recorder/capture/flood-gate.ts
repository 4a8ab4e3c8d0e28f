import type { MediaKind } from '@cratersync/signaling/protocol';

/**
 * What a track may bring: three times what Opus can send, and 50 Mb/s of video. More is a fault or an attack, and
 * would fill the disk that all tracks share.
 */
const BYTES_PER_S: Record<MediaKind, number> = { audio: 192 << 10, video: 6 << 20 };
/** What may come at once after a silence. */
const BURST_S = 2;

/** A token bucket. It goes by arrival: what waited in the kernel while we were busy passes. */
export class FloodGate {
  readonly #bytesPerUs: number;
  readonly #burstBytes: number;
  #bytes: number;
  #atUs = 0;
  /** Since `takeDropped`. */
  #dropped = 0;

  constructor(kind: MediaKind) {
    this.#bytesPerUs = BYTES_PER_S[kind] / 1_000_000;
    this.#burstBytes = BYTES_PER_S[kind] * BURST_S;
    this.#bytes = this.#burstBytes;
  }

  /** @returns false when that is more than the track may bring */
  pass(bytes: number, atUs: number): boolean {
    if (atUs > this.#atUs) {
      this.#bytes = Math.min(this.#burstBytes, this.#bytes + (atUs - this.#atUs) * this.#bytesPerUs);
      this.#atUs = atUs;
    }
    if (this.#bytes < bytes) {
      this.#dropped += 1;
      return false;
    }
    this.#bytes -= bytes;
    return true;
  }

  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
