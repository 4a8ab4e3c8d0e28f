/** Where a stem holds nothing, in capture time, and why. Pure: instants are session time in µs. */

export type StemGapCause =
  /** Before the person's first media */
  | 'late'
  /** The microphone was muted, or the camera switched off */
  | 'muted'
  /** The host had paused the recording */
  | 'paused'
  /** The person was gone; also between two connections */
  | 'left'
  /** The encoder sent nothing because there was nothing to hear (discontinuous transmission) */
  | 'dtx'
  /** Packets were sent, never came, and could not be rebuilt */
  | 'network-loss'
  /** No packet is missing: the device or the browser delivered nothing */
  | 'capture-stall'
  /** Nothing came, and nothing later tells whether something was sent */
  | 'no-packets'
  /** The recorder's own fault, as the manifest has it */
  | 'recorder-restarted'
  | 'recorder-full'
  | 'recorder-damaged';

export interface StemGap {
  startUs: number;
  endUs: number;
  cause: StemGapCause;
}

/** A stretch of media, and how it follows the one before. */
export interface MediaSpan {
  fromUs: number;
  toUs: number;
  /** The same RTP stream as before. */
  sameStream: boolean;
  /** Its RTP clock did not go on during the pause. */
  clockStood: boolean;
  /** Packets that are missing between the two, and about how long each was. */
  packetsMissing: number;
  packetUs: number;
}

/** For how long something else than the network explains that there is no media. */
export interface KnownPause {
  fromUs: number;
  toUs: number;
  cause: 'muted' | 'paused' | 'left' | 'recorder-restarted' | 'recorder-full' | 'recorder-damaged';
}

/** Muting is told by signaling, on another way than the media: their edges are this close when they belong together. */
const EDGE_US = 1_000_000;
/** What is not sent for longer is no pause between words: browsers send noise every 400 ms. */
const MAX_DTX_US = 1_000_000;

/** Takes a stem's media in order, and tells what is missing between it. */
export class GapFinder {
  readonly #minUs: number;
  readonly #pauses: readonly KnownPause[];
  readonly #standsStill: boolean;
  readonly #gaps: StemGap[] = [];
  #endUs = 0;
  #begun = false;

  /**
   * @param minUs a shorter distance is none: media has a pace
   * @param pauses of all tracks of the stem
   * @param standsStill nothing is sent while nothing changes, as of a screen: the last picture is the true one
   */
  constructor(minUs: number, pauses: readonly KnownPause[], standsStill = false) {
    this.#minUs = minUs;
    this.#standsStill = standsStill;
    this.#pauses = [...pauses].sort((a, b) => a.fromUs - b.fromUs || a.toUs - b.toUs);
  }

  media(span: MediaSpan): void {
    if (span.fromUs - this.#endUs > this.#minUs) {
      const cause = this.#begun ? causeBetween(span, span.fromUs - this.#endUs) : 'late';
      const still = this.#standsStill && (cause === 'capture-stall' || cause === 'dtx');
      this.#gap(this.#endUs, span.fromUs, still ? null : cause);
    }
    this.#begun = true;
    this.#endUs = Math.max(this.#endUs, span.toUs);
  }

  /** @returns all gaps of a recording that lasted `durationUs`, in order; they do not overlap */
  finish(durationUs: number): StemGap[] {
    const rest = !this.#begun ? 'late' : this.#standsStill ? null : 'no-packets';
    if (durationUs - this.#endUs > this.#minUs) this.#gap(this.#endUs, durationUs, rest);
    return this.#gaps
      .map(gap => ({
        ...gap,
        startUs: Math.round(gap.startUs),
        endUs: Math.round(Math.min(gap.endUs, durationUs)),
      }))
      .filter(gap => gap.startUs < gap.endUs);
  }

  /** Divides it among what is known of it; the rest has `cause`, or is none. */
  #gap(fromUs: number, toUs: number, cause: StemGapCause | null): void {
    let cursor = fromUs;
    const push = (endUs: number, why: StemGapCause | null) => {
      const last = this.#gaps.at(-1);
      if (endUs <= cursor) return;
      const goesOn = last?.cause === why && last.endUs === cursor && cursor > fromUs;
      if (goesOn) last.endUs = endUs;
      else if (why !== null) this.#gaps.push({ startUs: cursor, endUs, cause: why });
      cursor = endUs;
    };
    for (const pause of this.#pauses) {
      if (pause.toUs <= cursor || pause.fromUs >= toUs) continue;
      if (pause.fromUs - cursor > EDGE_US) push(pause.fromUs, cause);
      push(toUs - pause.toUs <= EDGE_US ? toUs : pause.toUs, pause.cause);
    }
    push(toUs, cause);
  }
}

function causeBetween(span: MediaSpan, gapUs: number): StemGapCause {
  if (!span.sameStream) return 'no-packets';
  if (span.packetsMissing * span.packetUs >= gapUs / 2) return 'network-loss';
  if (span.clockStood || gapUs > MAX_DTX_US) return 'capture-stall';
  return 'dtx';
}
