import type { Condition } from '../protocol.ts';

/** How good a connection is, from what the browser measures. Pure: reports of getStats() are arguments. */

export type Connection = Pick<Condition, 'connection' | 'reason'>;

export interface Measured {
  /** Share of the packets that did not arrive, of the worse direction, 0..1. */
  lost: number;
  /** To the server and back; null while it is not known. */
  roundTripMs: number | null;
  /** What the network would take of what is sent; null while it is not known. */
  uplinkBps: number | null;
  /** Why the camera is sent smaller than it could be. */
  limitedBy: 'bandwidth' | 'processor' | null;
}

/** Above the first it is heard at times, above the second it is hard to talk. */
const LOST = [0.03, 0.1] as const;
const ROUND_TRIP_MS = [300, 700] as const;
/** Less than a picture that can be looked at needs; less than the sound and the smallest picture need. */
const FAIR_UPLINK_BPS = 700_000;
const POOR_UPLINK_BPS = 250_000;

const grade = (value: number, [fair, poor]: readonly [number, number]): Condition['connection'] =>
  value >= poor ? 'poor' : value >= fair ? 'fair' : 'good';
const severity = ['good', 'fair', 'poor'] as const;

/** The worst there is, and the one reason for it. */
export function judge({ lost, roundTripMs, uplinkBps, limitedBy }: Measured): Connection {
  // A camera that starts is held back for a while wherever it is.
  const uplink = limitedBy === 'bandwidth' ? (uplinkBps ?? FAIR_UPLINK_BPS) : Number.POSITIVE_INFINITY;
  const found: Connection[] = [
    { connection: grade(lost, LOST), reason: 'loss' },
    { connection: grade(roundTripMs ?? 0, ROUND_TRIP_MS), reason: 'delay' },
    {
      connection: uplink < POOR_UPLINK_BPS ? 'poor' : uplink < FAIR_UPLINK_BPS ? 'fair' : 'good',
      reason: 'bandwidth',
    },
    { connection: limitedBy === 'processor' ? 'fair' : 'good', reason: 'processor' },
  ];
  const [worst] = found.sort((a, b) => severity.indexOf(b.connection) - severity.indexOf(a.connection));
  return worst === undefined || worst.connection === 'good' ? { connection: 'good', reason: null } : worst;
}

/** How many looks in a row must agree: one bad one is no bad connection, and one good one no good one. */
const TO_WORSEN = 2;
const TO_MEND = 3;

/** Keeps a verdict until others have lasted. */
export class Verdict {
  #now: Connection = { connection: 'good', reason: null };
  #other: { verdict: Connection; times: number } | null = null;

  look(found: Connection): Connection {
    if (found.connection === this.#now.connection) {
      this.#other = null;
      // As bad as before, for another reason.
      if (found.reason !== this.#now.reason) this.#now = found;
      return this.#now;
    }
    const isSame = this.#other?.verdict.connection === found.connection;
    const times = isSame ? (this.#other?.times ?? 0) + 1 : 1;
    this.#other = { verdict: found, times };
    const isWorse = severity.indexOf(found.connection) > severity.indexOf(this.#now.connection);
    if (times >= (isWorse ? TO_WORSEN : TO_MEND)) {
      this.#now = found;
      this.#other = null;
    }
    return this.#now;
  }
}

/** What getStats() says, as far as it is used here; browsers leave out what they do not know. */
interface Report {
  type: string;
  kind?: string;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  nominated?: boolean;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
  qualityLimitationReason?: string;
}
export type Reports = Iterable<Report>;

/** Reads what has changed since the last look out of the browser's counters. */
export class QualityMeter {
  #received = 0;
  #lost = 0;

  /** @param sent of what is sent, by which the far end's own account comes, too; empty for whoever sends nothing */
  read(sent: Reports, received: Reports): Measured {
    const out = [...sent];
    const incoming = [...received];
    const pair = [...out, ...incoming].find(
      ({ type, nominated }) => type === 'candidate-pair' && nominated === true,
    );
    const uplinkLost = out.flatMap(({ type, fractionLost }) =>
      type === 'remote-inbound-rtp' && fractionLost !== undefined ? [fractionLost] : [],
    );
    const reasons = out.map(({ qualityLimitationReason }) => qualityLimitationReason);
    return {
      lost: Math.max(this.#downlinkLost(incoming), ...uplinkLost),
      roundTripMs: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
      uplinkBps: pair?.availableOutgoingBitrate ?? null,
      limitedBy: reasons.includes('bandwidth') ? 'bandwidth' : reasons.includes('cpu') ? 'processor' : null,
    };
  }

  #downlinkLost(reports: readonly Report[]): number {
    const streams = reports.filter(({ type }) => type === 'inbound-rtp');
    const sum = (name: 'packetsReceived' | 'packetsLost') =>
      streams.reduce((total, stream) => total + (stream[name] ?? 0), 0);
    // Streams come and go, and with them their counts.
    const received = Math.max(0, sum('packetsReceived') - this.#received);
    const lost = Math.max(0, sum('packetsLost') - this.#lost);
    this.#received = sum('packetsReceived');
    this.#lost = sum('packetsLost');
    return received + lost < 50 ? 0 : lost / (received + lost);
  }
}
