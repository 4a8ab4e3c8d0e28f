import { type CaptureReport, cutAtJumps, type Piece } from './cut.ts';
import {
  ANY_CLOCK,
  arrivalPrior,
  at,
  type Line,
  lateness,
  lowerLine,
  median,
  type Point,
  robustLine,
} from './line.ts';
import type { ArrivalBin, ObservedReport, StreamObserver } from './observe.ts';

/**
 * When the media of one stream was captured, on the session's axis.
 *
 * A stream is cut into segments where its RTP clock jumps (a device change or a pause that stopped it). Each segment
 * has a line of its own, fitted over its Sender Reports, or where those are missing, over its arrival times.
 */
export interface Timeline {
  /** @returns session time in µs of an unwrapped RTP timestamp that the packet `sequence` (unwrapped) carries */
  sessionUs(sequence: number, timestamp: number): number;
  /** Changes where the clock jumps: packets of different segments never join, whatever their timestamps say. */
  segmentOf(sequence: number): number;
  segments: SegmentFit[];
}

export interface SegmentFit {
  basis: 'sender-reports' | 'arrival';
  reportsUsed: number;
  reportsRejected: number;
  /** How much faster the sender's media clock runs than the session's. */
  skewPpm: number;
  /** 95th percentile of |report − line|; of arrival − line where that is the basis. */
  residualMs: number;
}

/** From an SFU's clock to session time, shared by all streams with that clock, so that they keep their places. */
export type ClockMap = ReadonlyMap<string, Line>;

const CLOCK_SLOPE_SPAN_US = 120e6;

/**
 * The quickest report of any stream with a clock is nearest to the truth: what is left of its way (well under a
 * millisecond within a data centre) is the same for all of them.
 */
export function fitClocks(streams: Iterable<StreamObserver>): ClockMap {
  const points = new Map<string, Point[]>();
  for (const { clockId, reports } of streams) {
    const list = points.get(clockId) ?? [];
    for (const { ntpUs, atUs } of reports) list.push({ x: ntpUs, y: atUs });
    points.set(clockId, list);
  }
  const lines = new Map<string, Line>();
  for (const [clockId, list] of points) {
    if (list.length > 0) lines.set(clockId, lowerLine(list, CLOCK_SLOPE_SPAN_US));
  }
  return lines;
}

export function fitTimeline(stream: StreamObserver, clocks: ClockMap, kind: 'audio' | 'video'): Timeline {
  const { bins, clockRateHz } = stream;
  const { reports, nonsense } = captureReports(stream, clocks.get(stream.clockId));
  const pieces = cutAtJumps(bins, reports);
  // An audio packet can only be sent when its last sample has been captured.
  const packetUs = kind === 'audio' && Number.isFinite(stream.packetUs) ? stream.packetUs : 0;
  const fits = pieces.map((piece, index) => {
    const untilUs = pieces[index + 1]?.fromUs ?? Number.POSITIVE_INFINITY;
    const within = (atUs: number) => atUs >= piece.fromUs && atUs < untilUs;
    const own = reports.filter(({ atUs }) => within(atUs));
    return fitSegment(piece, own, nonsense.filter(within).length, packetUs);
  });
  return timelineOf(
    clockRateHz,
    pieces.map(({ firstSequence }) => firstSequence),
    fits,
  );
}

/** By itself: made within `fitTimeline`, a timeline would keep all that was observed for as long as it is used. */
function timelineOf(clockRateHz: number, starts: readonly number[], fits: readonly Fitted[]): Timeline {
  const segmentOf = (sequence: number) => {
    let index = starts.length - 1;
    while (index > 0 && sequence < (starts[index] ?? 0)) index -= 1;
    return index;
  };
  return {
    segmentOf,
    sessionUs: (sequence, timestamp) =>
      fits[segmentOf(sequence)]?.toSession((timestamp / clockRateHz) * 1e6) ?? 0,
    segments: fits.map(({ fit }) => fit),
  };
}

interface Fitted {
  fit: SegmentFit;
  toSession(mediaUs: number): number;
}

/**
 * mediasoup computes a report from the newest packet: from when it was captured, once three reports of the publisher
 * have told that (RemoteClockOffsetEstimator::MinSampleCount), and until then from when it came. Such a report says
 * nothing that the packet's arrival does not say better.
 */
const ARRIVAL_ITSELF_US = 3000;
/** A report this far from when the packets came is nonsense. */
const MAX_CAPTURE_TO_ARRIVAL_US = 3e6;
/**
 * No way to an SFU takes so long when its queues are empty: not over a satellite, either. An SFU that believes it does
 * has measured a round trip to a browser that was too busy to answer, and takes half of that off.
 */
const MAX_WAY_US = 800_000;
const EMPTY_QUEUE_SHARE = 0.1;

/** @returns those that say when media was captured, and when the others came */
function captureReports(
  { bins, reports }: StreamObserver,
  clock: Line | undefined,
): { reports: CaptureReport[]; nonsense: number[] } {
  if (clock === undefined) return { reports: [], nonsense: [] };
  const sane: (CaptureReport & { aheadUs: number })[] = [];
  const nonsense: number[] = [];
  for (const { atUs, ntpUs, mediaUs, newest } of reports) {
    const y = at(clock, ntpUs);
    const aheadUs = newest.atUs - (y - (mediaUs - newest.mediaUs));
    if (Math.abs(aheadUs) > MAX_CAPTURE_TO_ARRIVAL_US) nonsense.push(atUs);
    else sane.push({ atUs, x: mediaUs, y, aheadUs });
  }
  const telling = sane.filter(({ aheadUs }) => aheadUs > ARRIVAL_ITSELF_US);
  const ways = telling.map(({ aheadUs }) => aheadUs).sort((a, b) => a - b);
  if ((ways[Math.floor(ways.length * EMPTY_QUEUE_SHARE)] ?? 0) > MAX_WAY_US)
    return { reports: [], nonsense: reports.map(({ atUs }) => atUs) };
  if (telling.length < MIN_REPORTS && !followsArrival(bins, reports)) return { reports: sane, nonsense };
  for (const { atUs, aheadUs } of sane) if (aheadUs <= ARRIVAL_ITSELF_US) nonsense.push(atUs);
  return { reports: telling, nonsense };
}

/**
 * Of reports that agree with the arrivals: whether they do so even where packets were held up. Where none is, nobody can
 * tell, and a publisher next door, whose packets take no time, may well be right.
 */
function followsArrival(bins: readonly ArrivalBin[], reports: readonly ObservedReport[]): boolean {
  let index = 0;
  const lateUs = reports.map(({ newest }) => {
    while ((bins[index + 1]?.firstAtUs ?? Number.POSITIVE_INFINITY) <= newest.atUs) index += 1;
    const fastest = bins[index]?.fastest;
    return fastest === undefined ? 0 : newest.atUs - newest.mediaUs - (fastest.y - fastest.x);
  });
  return lateUs.length > 0 && median(lateUs) > ARRIVAL_ITSELF_US;
}

const MIN_REPORTS = 3;

function fitSegment(
  { bins }: Piece,
  reports: readonly CaptureReport[],
  nonsense: number,
  packetUs: number,
): Fitted {
  const fastest = bins.map(bin => bin.fastest);
  const prior = arrivalPrior(fastest);
  const total = reports.length + nonsense;
  if (reports.length === 0) {
    const line = levelBelow(fastest, prior.slope);
    const distances = fastest.map(({ x, y }) => y - at(line, x));
    line.y0 -= packetUs;
    return fitted(line, 'arrival', distances, total, prior.sigma < ANY_CLOCK.sigma / 2);
  }
  const chosen = settled(reports, prior.slope);
  if (chosen.length < MIN_REPORTS) {
    // Too few to tell an outlier, but all that is known to go wrong at the start makes a report late.
    const line = levelBelow(chosen, prior.slope);
    const distances = chosen.map(({ x, y }) => y - at(line, x));
    return fitted(
      line,
      'sender-reports',
      distances,
      total - chosen.length,
      prior.sigma < ANY_CLOCK.sigma / 2,
    );
  }
  const { line, kept } = robustLine(chosen, prior);
  const bend = bendOf(line, kept);
  const residuals = kept.map(({ x, y }) => y - at(line, x) - bend(x));
  return fitted(line, 'sender-reports', residuals, total - kept.length, true, bend);
}

const levelBelow = (points: readonly Point[], slope: number): Line => {
  const [first = { x: 0, y: 0 }] = points;
  const lowest = points.reduce((a, b) => (b.y - slope * b.x < a.y - slope * a.x ? b : a), first);
  return { x0: lowest.x, y0: lowest.y, slope };
};

/** By then the SFU knows the way to the publisher, however seldom that reports: Chromium's audio every 5 s. */
const SETTLED_AFTER_US = 60e6;
const SETTLED_SCATTER_US = 3000;

/**
 * The SFU takes half a round trip off once it knows how long that is, and the median of seven reports follows some
 * later: until then all reports are late by the way to the SFU. The first ones are left out as long as they are late
 * against those that come last.
 */
function settled(reports: readonly CaptureReport[], slope: number): readonly CaptureReport[] {
  const levels = reports.map(({ x, y }) => y - slope * x);
  const startUs = reports[0]?.atUs ?? 0;
  const early = reports.filter(({ atUs }) => atUs < startUs + SETTLED_AFTER_US).length;
  const last = levels.slice(Math.floor(Math.min(early, reports.length) * (2 / 3))).slice(0, early);
  const level = median(last);
  const scatter = 1.4826 * median(last.map(each => Math.abs(each - level)));
  const limit = level + Math.max(SETTLED_SCATTER_US, 3 * scatter);
  let from = 0;
  while (from < early && (levels[from] ?? 0) > limit) from += 1;
  return reports.slice(from);
}

function fitted(
  line: Line,
  basis: SegmentFit['basis'],
  residualsUs: readonly number[],
  reportsRejected: number,
  slopeKnown: boolean,
  bend: (x: number) => number = () => 0,
): Fitted {
  const sorted = residualsUs.map(Math.abs).sort((a, b) => a - b);
  return {
    toSession: mediaUs => at(line, mediaUs) + bend(mediaUs),
    fit: {
      basis,
      reportsUsed: basis === 'arrival' ? 0 : sorted.length,
      reportsRejected,
      skewPpm: slopeKnown ? (1 / line.slope - 1) * 1e6 : 0,
      residualMs: (sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 0) / 1000,
    },
  };
}

const BEND_SPAN_US = 300e6;
const BEND_MIN_REPORTS = 30;

function levelOf(line: Line, points: readonly Point[]): number {
  const residuals = points.map(({ x, y }) => y - at(line, x));
  const late = lateness(residuals);
  return late === 0 ? median(residuals) : late;
}

/**
 * Over hours an oscillator's skew wanders with its temperature, by more than a straight line can follow. What the
 * line leaves is taken as the level of every five minutes, joined by straight pieces.
 */
function bendOf(line: Line, points: readonly Point[]): (x: number) => number {
  const spans = new Map<number, Point[]>();
  const first = points.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY);
  for (const point of points) {
    const index = Math.floor((point.x - first) / BEND_SPAN_US);
    const span = spans.get(index);
    if (span === undefined) spans.set(index, [point]);
    else span.push(point);
  }
  const knots = [...spans.values()]
    .filter(span => span.length >= BEND_MIN_REPORTS)
    .map(span => ({ x: median(span.map(p => p.x)), y: levelOf(line, span) }))
    .sort((a, b) => a.x - b.x);
  if (knots.length < 3) {
    const level = lateness(points.map(({ x, y }) => y - at(line, x)));
    return () => level;
  }
  return x => {
    const right = knots.findIndex(knot => knot.x >= x);
    const to = knots[right] ?? knots.at(-1);
    const from = knots[right - 1];
    if (to === undefined) return 0;
    if (from === undefined) return to.y;
    return from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x);
  };
}
