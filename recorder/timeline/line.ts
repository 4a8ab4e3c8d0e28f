/** Lines through clouds of points (x, y), both in µs. All of them are deterministic. */

export interface Point {
  x: number;
  y: number;
}

/** y = y0 + slope · (x − x0). Kept around a centre, so that large clock values cost no precision. */
export interface Line {
  x0: number;
  y0: number;
  slope: number;
}

export const at = (line: Line, x: number): number => line.y0 + line.slope * (x - line.x0);

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Clocks of machines in use are within this of each other; beyond it is a fault of the data. */
const MAX_SKEW = 1e-3;
const clampSlope = (slope: number) => Math.min(1 + MAX_SKEW, Math.max(1 - MAX_SKEW, slope));

/**
 * The line of slope near 1 that lies below all points and as close to them as it can: the edge of the lower convex
 * hull under the mean x (Zhang, Liu, Xia: Clock Synchronization Algorithms for Network Measurements, 2002). For
 * pairs (sent, received) it is the path of the fastest packets, free of queueing. Over less than `minSpanUs` the
 * slope cannot be told from jitter and is taken as 1.
 */
export function lowerLine(points: readonly Point[], minSpanUs: number): Line {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('no points');
  const slope = last.x - first.x < minSpanUs ? 1 : clampSlope(hullSlope(sorted));
  let best = first;
  for (const point of sorted) if (point.y - slope * point.x < best.y - slope * best.x) best = point;
  return { x0: best.x, y0: best.y, slope };
}

function hullSlope(sorted: readonly Point[]): number {
  const hull: Point[] = [];
  for (const point of sorted) {
    for (let top = hull.at(-1), below = hull.at(-2); top && below; top = hull.at(-1), below = hull.at(-2)) {
      const turn = (top.x - below.x) * (point.y - below.y) - (top.y - below.y) * (point.x - below.x);
      if (turn > 0) break;
      hull.pop();
    }
    if (hull.at(-1)?.x !== point.x) hull.push(point);
  }
  const meanX = sorted.reduce((sum, { x }) => sum + x, 0) / sorted.length;
  const right = Math.max(
    1,
    hull.findIndex(({ x }) => x >= meanX),
  );
  const from = hull[right - 1];
  const to = hull[right];
  return from === undefined || to === undefined ? 1 : (to.y - from.y) / (to.x - from.x);
}

/** What is known of a slope beforehand, and by how much it may be wrong. */
interface SlopePrior {
  slope: number;
  sigma: number;
}

/** Clocks differ by about 200 ppm. */
export const ANY_CLOCK: SlopePrior = { slope: 1, sigma: 200e-6 };

/**
 * What arrival times say of the slope. The fastest packets of each second stray above the line of the very fastest by
 * what queues leave; over the whole stretch, the slope is wrong by no more.
 */
export function arrivalPrior(points: readonly Point[]): SlopePrior {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < MIN_PRIOR_POINTS) return ANY_CLOCK;
  const line = lowerLine(points, 0);
  const strayUs = Math.max(MIN_STRAY_US, median(points.map(point => point.y - at(line, point.x))));
  const sigma = strayUs / Math.max(1, last.x - first.x);
  // Two estimates of one slope, each with its weight.
  const weight = ANY_CLOCK.sigma ** 2 / (ANY_CLOCK.sigma ** 2 + sigma ** 2);
  return { slope: 1 + weight * (line.slope - 1), sigma: Math.sqrt(weight) * sigma };
}

const MIN_PRIOR_POINTS = 8;
const MIN_STRAY_US = 300;

/** By about as much reports scatter: a slope is believed as far as the points outweigh what is known beforehand. */
const SCATTER_US = 2000;
const MIN_SCATTER_US = 500;

/**
 * A robust line: Theil–Sen, which tells the outliers, then least squares over the rest. The slope is drawn towards the
 * prior where there are few points (ridge regression), as a slope guessed from noise does more harm than none.
 * @returns the line and which points it is based on
 */
export function robustLine(points: readonly Point[], prior = ANY_CLOCK): { line: Line; kept: Point[] } {
  // Without the prior, a step among few points would look like a slope.
  let line = levelLine(points, prior.slope);
  const sen = theilSen(points);
  if (Math.abs(sen.slope - prior.slope) <= 2 * prior.sigma) line = sen;
  let kept = [...points];
  for (let round = 0; round < 3; round += 1) {
    const residuals = points.map(point => Math.abs(point.y - at(line, point.x)));
    // 1.4826 · MAD estimates the standard deviation (Rousseeuw, Croux: Alternatives to the MAD, 1993).
    const limit = 3 * Math.max(MIN_SCATTER_US, 1.4826 * median(residuals));
    kept = points.filter((_, index) => (residuals[index] ?? 0) <= limit);
    line = ridgeLine(kept, prior);
  }
  return { line, kept };
}

const STEADY_US = 3000;
const EARLY_SHARE = 0.2;

/**
 * Reports that scatter widely are late more often than early: queues only ever hold them up. Those of the quickest fifth
 * show the capture best.
 * @param residualsUs of reports, from any line
 * @returns what to add to the line: 0 where they scatter little, else where the quickest fifth ends
 */
export function lateness(residualsUs: readonly number[]): number {
  const middle = median(residualsUs);
  const scatterUs = 1.4826 * median(residualsUs.map(each => Math.abs(each - middle)));
  const share = Math.min(1, Math.max(0, 2 * (scatterUs / STEADY_US - 1)));
  const sorted = residualsUs.toSorted((a, b) => a - b);
  return share * (sorted[Math.floor(EARLY_SHARE * (sorted.length - 1))] ?? 0);
}

function levelLine(points: readonly Point[], slope: number): Line {
  const x0 = median(points.map(({ x }) => x));
  return { x0, y0: median(points.map(({ x, y }) => y - slope * (x - x0))), slope };
}

function ridgeLine(points: readonly Point[], { slope, sigma }: SlopePrior): Line {
  const x0 = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const y0 = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  let sxx = 0;
  let sxd = 0;
  for (const { x, y } of points) {
    sxx += (x - x0) ** 2;
    sxd += (x - x0) * (y - y0 - slope * (x - x0));
  }
  return { x0, y0, slope: clampSlope(slope + sxd / (sxx + (SCATTER_US / sigma) ** 2)) };
}

/** Pairs grow with the square of the points: beyond this many, an even sample of them gives the slope. */
const THEIL_SEN_POINTS = 200;

function theilSen(points: readonly Point[]): Line {
  const step = Math.max(1, points.length / THEIL_SEN_POINTS);
  const sample: Point[] = [];
  for (let index = 0; index < points.length; index += step) {
    const point = points[Math.floor(index)];
    if (point !== undefined) sample.push(point);
  }
  const slopes: number[] = [];
  for (const [index, a] of sample.entries()) {
    for (const b of sample.slice(index + 1)) if (a.x !== b.x) slopes.push((b.y - a.y) / (b.x - a.x));
  }
  return levelLine(points, slopes.length === 0 ? 1 : clampSlope(median(slopes)));
}
