import { at, type Line, lowerLine, median, type Point, robustLine } from './line.ts';
import { type ArrivalBin, JUMP_US, type ObservedReport, type StreamObserver } from './observe.ts';

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
const ARRIVAL_SLOPE_SPAN_US = 30e6;

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
  const clock = clocks.get(stream.clockId);
  const pieces = cut(stream.bins);
  const starts = pieces.map(bins => bins[0]?.firstSequence ?? 0);
  const fits = pieces.map((bins, index) => {
    const untilUs = pieces[index + 1]?.[0]?.firstAtUs ?? Number.POSITIVE_INFINITY;
    const fromUs = bins[0]?.firstAtUs ?? 0;
    const reports = stream.reports.filter(({ atUs }) => atUs >= fromUs && atUs < untilUs);
    // An audio packet can only be sent when its last sample has been captured.
    const packetUs = kind === 'audio' && Number.isFinite(stream.packetUs) ? stream.packetUs : 0;
    return fitSegment(bins, clock === undefined ? [] : reports, clock, packetUs);
  });
  const segmentOf = (sequence: number) => {
    let index = starts.length - 1;
    while (index > 0 && sequence < (starts[index] ?? 0)) index -= 1;
    return index;
  };
  return {
    segmentOf,
    sessionUs: (sequence, timestamp) =>
      fits[segmentOf(sequence)]?.toSession((timestamp / stream.clockRateHz) * 1e6) ?? 0,
    segments: fits.map(({ fit }) => fit),
  };
}

/**
 * Cuts where the transit time steps and stays: its least value over the next seconds lies far from that of the
 * seconds before. A queue that fills and drains again does not do that.
 */
function cut(bins: readonly ArrivalBin[]): ArrivalBin[][] {
  const transit = ({ fastest }: ArrivalBin) => fastest.y - fastest.x;
  const pieces: ArrivalBin[][] = [];
  let piece: ArrivalBin[] = [];
  for (const [index, bin] of bins.entries()) {
    const before = Math.min(...piece.slice(-5).map(transit));
    const following = bins.slice(index, index + 30).filter(next => next.firstAtUs <= bin.firstAtUs + 3e6);
    const after = Math.min(...following.map(transit));
    const steps = Math.abs(after - before) > JUMP_US && Math.abs(transit(bin) - before) > JUMP_US;
    if (piece.length > 0 && steps) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(bin);
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

interface Fitted {
  fit: SegmentFit;
  toSession(mediaUs: number): number;
}

/**
 * mediasoup can tell the capture time only after three reports of the publisher, and the arrival time stands in
 * until then (RemoteClockOffsetEstimator::MinSampleCount); Chromium sends one every 1 to 5 s. Reports of the first
 * seconds are therefore left out where there are later ones.
 */
const SETTLING_US = 8e6;
const MIN_REPORTS = 3;
/** A report this far from when the packets came is nonsense. */
const MAX_CAPTURE_TO_ARRIVAL_US = 3e6;

function fitSegment(
  bins: readonly ArrivalBin[],
  reports: readonly ObservedReport[],
  clock: Line | undefined,
  packetUs: number,
): Fitted {
  const arrival = lowerLine(
    bins.map(bin => bin.fastest),
    ARRIVAL_SLOPE_SPAN_US,
  );
  arrival.y0 -= packetUs;
  const startUs = bins[0]?.firstAtUs ?? 0;
  const points = reports
    .map(({ atUs, ntpUs, mediaUs }) => ({
      atUs,
      x: mediaUs,
      y: clock === undefined ? atUs : at(clock, ntpUs),
    }))
    .filter(({ x, y }) => Math.abs(y - at(arrival, x)) <= MAX_CAPTURE_TO_ARRIVAL_US);
  if (points.length === 0) {
    const distances = bins.map(({ fastest }) => fastest.y - packetUs - at(arrival, fastest.x));
    return fitted(arrival, 'arrival', distances, reports.length, bins.length > 1);
  }
  const settled = points.filter(({ atUs }) => atUs >= startUs + SETTLING_US);
  const chosen = settled.length >= MIN_REPORTS ? settled : points;
  if (chosen.length < MIN_REPORTS) {
    // Too few to tell an outlier, but all that is known to go wrong at the start makes a report late.
    const line = lowerLine(chosen, Number.POSITIVE_INFINITY);
    const distances = chosen.map(({ x, y }) => y - at(line, x));
    return fitted(line, 'sender-reports', distances, reports.length - chosen.length, false);
  }
  const { line, kept } = robustLine(chosen);
  const bend = bendOf(line, kept);
  const residuals = kept.map(({ x, y }) => y - at(line, x) - bend(x));
  return fitted(line, 'sender-reports', residuals, reports.length - kept.length, true, bend);
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

/**
 * Over hours an oscillator's skew wanders with its temperature, by more than a straight line can follow. What the
 * line leaves is taken as the median of every five minutes, joined by straight pieces.
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
    .map(span => ({ x: median(span.map(p => p.x)), y: median(span.map(p => p.y - at(line, p.x))) }))
    .sort((a, b) => a.x - b.x);
  if (knots.length < 3) return () => 0;
  return x => {
    const right = knots.findIndex(knot => knot.x >= x);
    const to = knots[right] ?? knots.at(-1);
    const from = knots[right - 1];
    if (to === undefined) return 0;
    if (from === undefined) return to.y;
    return from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x);
  };
}
