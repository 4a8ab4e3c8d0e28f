/** RTP time that runs this much ahead of arrival, or falls this much behind, has jumped: no queue does that. */
const AHEAD_US = 1_000_000;
const BEHIND_US = 10_000_000;
/** The fastest packet of one to two such spans shows the way without queueing. */
const SPAN_US = 10_000_000;

/**
 * Says when packets would have come if none had been held up on the way: their RTP time, shifted by what the fastest
 * of the last seconds took. So jitter and retransmission do not move what the account says of a stream. A jump of
 * the RTP clock is bridged by the time that passed. All instants are session time, µs.
 */
export class MediaClock {
  readonly #usPerTick: number;
  #timestamp = -1;
  #mediaUs = 0;
  #atUs = 0;
  #transitUs = 0;
  #transitBeforeUs = 0;
  #spanEndUs = 0;

  constructor(clockRateHz: number) {
    this.#usPerTick = 1_000_000 / clockRateHz;
  }

  /** Takes the newest packet of the stream. @returns its media time: continuous, whatever the RTP clock does */
  next(timestamp: number, atUs: number): number {
    if (this.#timestamp < 0) this.#begin(atUs);
    else {
      const elapsedUs = Math.max(0, atUs - this.#atUs);
      const aheadUs = this.#sinceUs(timestamp) - elapsedUs;
      const jumped = aheadUs > AHEAD_US || aheadUs < -BEHIND_US;
      this.#mediaUs += jumped ? elapsedUs : aheadUs + elapsedUs;
    }
    this.#timestamp = timestamp;
    this.#atUs = atUs;
    this.#observe(atUs - this.#mediaUs, atUs);
    return this.#mediaUs;
  }

  /** Media time of a packet that was sent before the newest one. */
  before(timestamp: number): number {
    const sinceUs = this.#sinceUs(timestamp);
    return sinceUs > 0 || sinceUs < -BEHIND_US ? this.#mediaUs : this.#mediaUs + sinceUs;
  }

  /** @returns when a packet of that media time comes when nothing holds it up */
  arrivalUs(mediaUs: number): number {
    return mediaUs + Math.min(this.#transitUs, this.#transitBeforeUs);
  }

  #begin(atUs: number): void {
    this.#mediaUs = atUs;
    this.#spanEndUs = atUs + SPAN_US;
  }

  #observe(transitUs: number, atUs: number): void {
    if (atUs >= this.#spanEndUs) {
      this.#spanEndUs = atUs + SPAN_US;
      this.#transitBeforeUs = this.#transitUs;
      this.#transitUs = transitUs;
    } else if (transitUs < this.#transitUs) this.#transitUs = transitUs;
  }

  /** Arithmetic on the circle of 2^32. */
  #sinceUs(timestamp: number): number {
    return ((timestamp - this.#timestamp) | 0) * this.#usPerTick;
  }
}
