import type { Clock } from '@cratersync/infra/runtime';
import type { RecordingId } from '@cratersync/signaling/protocol';
import type { Catalogue } from '../journal/catalogue.ts';
import type { Anchor, RecordingRow } from '../journal/catalogue-entries.ts';

/** The wall clock may differ from the anchor by as much: a step is noticed, and so is drift of a few minutes. */
const WALL_TOLERANCE_MS = 20;
/** While nothing arrives, nothing else says until when the recorder lived. */
const SILENT_US = 1_000_000;

/**
 * The clock of one recording: µs since it was opened, monotonic. Anchors in the catalogue carry it over a restart of the
 * recorder: on the same boot of the machine by the monotonic clock, whatever happens to the wall clock; over a reboot by
 * the wall clock, which counts from the newest anchor only, so that a step before that shifts nothing.
 */
export class SessionClock {
  readonly #clock: Clock;
  readonly #catalogue: Catalogue;
  readonly #recordingId: RecordingId;
  /** The clock's reading at session time zero. */
  readonly zeroUs: number;
  #anchor: Anchor;

  /** @param elapsedUs session time now */
  constructor(clock: Clock, catalogue: Catalogue, recordingId: RecordingId, elapsedUs: number) {
    this.#clock = clock;
    this.#catalogue = catalogue;
    this.#recordingId = recordingId;
    this.zeroUs = clock.nowUs() - elapsedUs;
    this.#anchor = this.#drop();
  }

  now(): number {
    return this.at(this.#clock.nowUs());
  }

  /** @param nowUs a reading of the recorder's clock @returns session time */
  at(nowUs: number): number {
    return nowUs - this.zeroUs;
  }

  /** Drops another anchor when it is due. @param lastUs when something was last written of the recording */
  keep(lastUs: number): void {
    const atUs = this.now();
    const expectedMs = this.#anchor.wallMs + (atUs - this.#anchor.atUs) / 1000;
    const stepped = Math.abs(this.#clock.wallMs() - expectedMs) > WALL_TOLERANCE_MS;
    if (stepped || atUs - Math.max(lastUs, this.#anchor.atUs) >= SILENT_US) this.#anchor = this.#drop();
  }

  #drop(): Anchor {
    const { bootId } = this.#clock;
    const anchor = { bootId, zeroUs: this.zeroUs, atUs: this.now(), wallMs: this.#clock.wallMs() };
    this.#catalogue.append({ type: 'anchored', recordingId: this.#recordingId, ...anchor });
    return anchor;
  }
}

/** @returns session time now, µs, of a recording that another process has begun */
export function elapsedUs({ anchor, startedAtMs, tracks }: RecordingRow, clock: Clock): number {
  const byClocks =
    anchor?.bootId === clock.bootId
      ? clock.nowUs() - anchor.zeroUs
      : (anchor?.atUs ?? 0) + Math.round((clock.wallMs() - (anchor?.wallMs ?? startedAtMs)) * 1000);
  return Math.max(byClocks, lastAliveUs({ anchor, tracks }));
}

/** @returns session time up to which the recorder is known to have lived, µs */
export function lastAliveUs({ anchor, tracks }: Pick<RecordingRow, 'anchor' | 'tracks'>): number {
  let latestUs = anchor?.atUs ?? 0;
  for (const { chunks } of tracks.values())
    for (const { endUs } of chunks) latestUs = Math.max(latestUs, endUs);
  return latestUs;
}
