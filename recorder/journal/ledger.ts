import type { MediaKind } from '@cratersync/signaling/protocol';
import type { Held } from '../control.ts';
import type { Gap, JournalRecord, ManifestTrack, StreamInfo, TrackEvent } from '../format/index.ts';

/** Media further apart than this leaves a gap. Audio comes every 20 ms; a still screen may send a frame a second. */
export const QUIET_US: Record<MediaKind, number> = { audio: 200_000, video: 1_200_000 };

/** What a recorder receives is durable within this time; what it received last may have died with it. */
const UNWRITTEN_US = 250_000;

/** Why nothing is expected right now; 'no-packets' means that something is. */
type Quiet = Exclude<Gap['cause'], 'network-loss' | 'recorder-damaged'>;

export interface LedgerState {
  streams: StreamInfo[];
  gaps: Gap[];
  counters: ManifestTrack['counters'];
  quiet: Quiet;
  /** Everything before this instant is accounted for, by packets or by a gap; holes between packets are told later. */
  accountedUs: number;
  /** The next packet is the first since something changed: how long it took is for us to see. */
  awaited: boolean;
  /** Nothing came then before it was muted. What was only held up on its way may still come. */
  suspect: { startUs: number; endUs: number; came: boolean } | null;
  /** The last chunk that is part of this account; −1: none. */
  lastChunk: number;
}

/**
 * What the manifest says of one track besides its chunks: streams, gaps, counters. Computed from the journal's own
 * records, so that a recorder that takes over comes to the same account by replaying them. All instants are session
 * time.
 */
export class Ledger {
  readonly #kind: MediaKind;
  readonly #state: LedgerState;

  /** @param state as `snapshot` gave it; without it, a track that nothing was heard of yet */
  constructor(kind: MediaKind, state?: Readonly<LedgerState>) {
    this.#kind = kind;
    this.#state = {
      streams: [],
      gaps: [],
      quiet: 'late',
      accountedUs: 0,
      awaited: false,
      suspect: null,
      lastChunk: -1,
      ...structuredClone(state),
      counters: { ...nothingCounted, ...state?.counters },
    };
  }

  get counters(): ManifestTrack['counters'] {
    return this.#state.counters;
  }

  /** What keeps it from being recorded, by somebody's wish. */
  get held(): Held {
    const { quiet } = this.#state;
    return quiet === 'muted' || quiet === 'paused' ? quiet : 'open';
  }

  get closed(): boolean {
    return this.#state.quiet === 'left';
  }

  get lastStream(): StreamInfo | null {
    return this.#state.streams.at(-1) ?? null;
  }

  /** The last chunk that it accounts for. What recovery finds of that one and of those before is known here. */
  get lastChunk(): number {
    return this.#state.lastChunk;
  }

  /** All records of that chunk have been applied. */
  sealed(sequence: number): void {
    this.#state.lastChunk = Math.max(this.#state.lastChunk, sequence);
  }

  apply(record: JournalRecord): void {
    if (record.type === 'rtp') this.packet(record.packet.length, record.atUs);
    else if (record.type === 'event') this.event(record.event, record.atUs);
  }

  packet(bytes: number, atUs: number): void {
    const state = this.#state;
    state.counters.packetsReceived += 1;
    state.counters.bytesReceived += bytes;
    if (this.#startsAfterSilence()) this.#gapUntil(atUs);
    else if (state.awaited) this.#gapIfQuiet(atUs);
    // It was the network: what is still missing in between, the window tells.
    else if (state.suspect !== null) state.suspect.came = true;
    else if (atUs > state.accountedUs) state.accountedUs = atUs;
    state.awaited = false;
    // Packets that were on their way when it was muted do not unmute it.
    if (!this.#isHeld) state.quiet = 'no-packets';
  }

  event(event: TrackEvent, atUs: number): void {
    switch (event.kind) {
      case 'stream': {
        const { kind, ...stream } = event;
        const known = JSON.stringify(stream);
        // Every chunk begins with it; only a change is news.
        if (JSON.stringify(this.lastStream) === known) return;
        this.#state.streams.push(stream);
        this.#state.awaited = true;
        return;
      }
      case 'track':
        return;
      case 'muted':
      case 'paused':
        if (this.#startsAfterSilence() || this.#isHeld) this.#gapUntil(atUs);
        else this.#suspectIfQuiet(atUs);
        this.#state.quiet = event.kind;
        return;
      case 'unmuted':
        if (!this.#isHeld) return;
        this.#believeSuspect();
        this.#gapUntil(atUs);
        this.#state.quiet = 'no-packets';
        this.#state.awaited = true;
        return;
      case 'closed':
        this.#believeSuspect();
        if (this.#startsAfterSilence() || this.#isHeld) this.#gapUntil(atUs);
        else this.#gapIfQuiet(atUs);
        this.#state.quiet = 'left';
        return;
      case 'shed':
        // What a muted track still sends is missed by nobody.
        if (this.#isHeld || this.closed) return;
        this.#gapIfQuiet(atUs);
        this.#state.quiet = 'recorder-full';
        return;
      case 'lost':
        this.#state.counters.packetsLost += event.packets;
        this.#hole(event, 'network-loss', 0);
        return;
      case 'silent':
        this.#hole(event, 'no-packets', QUIET_US[this.#kind]);
        return;
      case 'damaged':
        this.#hole(event, 'recorder-damaged', 0);
        return;
      case 'dropped': {
        const { counters } = this.#state;
        if (event.by === 'kernel') counters.packetsDroppedByKernel += event.packets;
        else counters.packetsDroppedByFlood += event.packets;
        return;
      }
      case 'resolution':
      case 'layers':
      case 'foreign':
        return;
    }
  }

  /** Up to when the track is accounted for. */
  get accountedUs(): number {
    return this.#state.accountedUs;
  }

  /**
   * The recorder died, and a new one takes over: what came meanwhile went nowhere.
   * @param diedUs until when it is known to have lived: what was silent then was so for a reason of its own
   */
  restarted(diedUs: number): void {
    if (this.closed || this.#state.quiet === 'recorder-restarted') return;
    this.#believeSuspect();
    const silentUs = diedUs - this.#state.accountedUs;
    const isSilent = this.#isHeld || this.#startsAfterSilence();
    if (isSilent || silentUs > QUIET_US[this.#kind] + UNWRITTEN_US) this.#gapUntil(diedUs);
    this.#state.quiet = 'recorder-restarted';
  }

  /** @returns streams, gaps in order and counters of a recording that lasted `durationUs` */
  finish(durationUs: number): Pick<ManifestTrack, 'streams' | 'gaps' | 'counters'> {
    const { streams, gaps, counters, quiet, accountedUs, suspect } = structuredClone(this.#state);
    if (suspect !== null) gaps.push(...gapOf(suspect));
    const restUs = durationUs - accountedUs;
    if (restUs > (quiet === 'no-packets' ? QUIET_US[this.#kind] : 0)) {
      gaps.push({ startUs: accountedUs, endUs: durationUs, cause: quiet });
    }
    const within = gaps
      .map(gap => ({ ...gap, startUs: Math.max(gap.startUs, 0), endUs: Math.min(gap.endUs, durationUs) }))
      .filter(gap => gap.startUs < gap.endUs);
    return { streams, gaps: within.sort(byStart), counters };
  }

  /** @returns what it is now, to be written down at once: it goes on changing */
  snapshot(): Readonly<LedgerState> {
    return this.#state;
  }

  get #isHeld(): boolean {
    return this.held !== 'open';
  }

  /** Nothing was expected: the silence that ends now is a gap, however short. */
  #startsAfterSilence(): boolean {
    const { quiet } = this.#state;
    return !this.#isHeld && quiet !== 'no-packets';
  }

  #gapIfQuiet(atUs: number): void {
    if (atUs - this.#state.accountedUs > QUIET_US[this.#kind]) this.#gapUntil(atUs);
    else this.#state.accountedUs = Math.max(this.#state.accountedUs, atUs);
  }

  #suspectIfQuiet(atUs: number): void {
    const state = this.#state;
    if (atUs - state.accountedUs > QUIET_US[this.#kind])
      state.suspect = { startUs: state.accountedUs, endUs: atUs, came: false };
    state.accountedUs = Math.max(state.accountedUs, atUs);
  }

  #believeSuspect(): void {
    const { suspect, gaps } = this.#state;
    this.#state.suspect = null;
    if (suspect !== null) gaps.push(...gapOf(suspect));
  }

  #gapUntil(atUs: number): void {
    const state = this.#state;
    if (atUs <= state.accountedUs) return;
    state.gaps.push({ startUs: state.accountedUs, endUs: atUs, cause: state.quiet });
    state.accountedUs = atUs;
  }

  /** Where a gap has been told already, that is the reason. What is left of the hole counts when it is long enough. */
  #hole({ fromUs, toUs }: { fromUs: number; toUs: number }, cause: Gap['cause'], minUs: number): void {
    const { gaps } = this.#state;
    const known = gaps.filter(gap => gap.endUs > fromUs && gap.startUs < toUs).sort(byStart);
    let startUs = fromUs;
    if (cause === 'network-loss') {
      for (const gap of known) if (gap.cause === 'no-packets') gap.cause = cause;
    }
    for (const gap of [...known, { startUs: toUs, endUs: toUs }]) {
      if (gap.startUs > startUs + minUs) gaps.push({ startUs, endUs: gap.startUs, cause });
      startUs = Math.max(startUs, gap.endUs);
    }
  }
}

const gapOf = ({ startUs, endUs, came }: NonNullable<LedgerState['suspect']>): Gap[] =>
  came ? [] : [{ startUs, endUs, cause: 'no-packets' }];

const byStart = (a: Gap, b: Gap) => a.startUs - b.startUs || a.endUs - b.endUs;

export const nothingCounted: ManifestTrack['counters'] = {
  packetsReceived: 0,
  packetsLost: 0,
  packetsDuplicate: 0,
  packetsMalformed: 0,
  packetsForeign: 0,
  packetsDroppedByKernel: 0,
  packetsDroppedByFlood: 0,
  bytesReceived: 0,
};
