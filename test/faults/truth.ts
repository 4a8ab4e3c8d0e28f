import type { Gap } from '@cratersync/recorder/format';

/** What the recorder promises: received this long ago is on disk. */
export const COMMITTED_US = 250_000;

/** joining, leaving: the recorder died before it acknowledged that the track was opened or closed; it may know of it or not. */
type State = 'late' | 'joining' | 'sending' | 'muted' | 'left' | 'leaving';

/**
 * What truly happened to one track, in session time: known to the test, because it sends. `outages`: the recorder took
 * nothing; that it did so may be noticed as of `slackUs` before.
 */
export class Truth {
  readonly sent: { atUs: number; packet: Buffer }[] = [];
  readonly states: { atUs: number; state: State }[] = [{ atUs: 0, state: 'late' }];
  readonly outages: { fromUs: number; toUs: number; slackUs: number; cause: Gap['cause'] }[] = [];

  /** The disk is made to lose something of it; where, the test says. */
  mayBeDamaged = false;

  get state(): State {
    return this.states.at(-1)?.state ?? 'late';
  }

  became(state: State, atUs: number): void {
    if (this.state !== state) this.states.push({ atUs, state });
    const outage = this.outages.at(-1);
    if (outage !== undefined && outage.toUs === Number.POSITIVE_INFINITY) outage.toUs = atUs;
  }

  sends(packet: Buffer, atUs: number): void {
    this.became('sending', atUs);
    this.sent.push({ atUs, packet });
  }

  /** Sent, but it never arrives, or is not kept. */
  loses(packet: Buffer, atUs: number, cause: Gap['cause']): void {
    // What is lost on its way is lost since the last that came; what is not kept, since it came itself.
    this.outage(cause === 'network-loss' ? (this.sent.at(-1)?.atUs ?? 0) : atUs, 0, cause);
    this.sent.push({ atUs, packet });
  }

  /** The recorder dies: nothing is taken until the next packet or change of state. */
  outage(fromUs: number, slackUs: number, cause: Gap['cause'] = 'recorder-restarted'): void {
    if (this.outages.at(-1)?.toUs === Number.POSITIVE_INFINITY) return;
    this.outages.push({ fromUs, toUs: Number.POSITIVE_INFINITY, slackUs, cause });
  }

  /** Without a break. */
  sendingSince(sinceUs: number): boolean {
    const { atUs, state } = this.states.at(-1) ?? { atUs: 0, state: 'late' };
    return state === 'sending' && atUs <= sinceUs && (this.outages.at(-1)?.toUs ?? 0) <= sinceUs;
  }

  /** Whether what was sent then may be lost: the recorder was down, or died before it had to be on disk. */
  mayBeLost(atUs: number, latencyUs: number): boolean {
    return this.outages.some(
      ({ fromUs, toUs }) => fromUs - COMMITTED_US - latencyUs <= atUs && atUs - latencyUs <= toUs,
    );
  }

  /** @returns why nothing is recorded at that instant; null: something is */
  causesAt(atUs: number): (Gap['cause'] | null)[] {
    const own = this.#ownAt(atUs);
    if (own === 'left') return [own];
    if (own === 'leaving') return ['left', 'recorder-restarted'];
    if (own === 'joining') return ['late', 'recorder-restarted'];
    const down = this.outages.find(({ fromUs, toUs, slackUs }) => fromUs - slackUs <= atUs && atUs < toUs);
    if (down === undefined) return [own];
    if (atUs >= down.fromUs) return [down.cause];
    // What changed just before may be forgotten too.
    // And where the machine died while it wrote, its disk may have lost one frame and kept the next.
    return [own, down.cause, 'recorder-damaged' as const, this.#ownAt(down.fromUs - COMMITTED_US)].flatMap(
      cause => (cause === 'joining' || cause === 'leaving' ? [] : [cause]),
    );
  }

  #ownAt(atUs: number) {
    const state = this.states.findLast(each => each.atUs <= atUs)?.state ?? 'late';
    return state === 'sending' ? null : state;
  }
}
