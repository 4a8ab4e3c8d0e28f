import { median, type Point } from './line.ts';
import { type ArrivalBin, JUMP_US, type Jump } from './observe.ts';

/** A stretch of a stream in which its RTP clock did not jump. */
export interface Piece {
  firstSequence: number;
  fromUs: number;
  /** Those that hold nothing of another piece. */
  bins: ArrivalBin[];
}

/** A Sender Report that tells when media was captured: x is media time, y capture. */
export interface CaptureReport extends Point {
  atUs: number;
}

/** A clock that jumped by less than this does not show between what networks and reports do. */
const MIN_STEP_US = 6000;
const REPORT_TOLERANCE_US = 4000;
const REPORT_TOLERANCE = 0.3;
/** So far reports are asked on either side of a step; behind it the SFU has to hear of it first. */
const ASKED_US = 30e6;
const HEARD_OF_US = 6e6;
const MIN_ASKED = 3;

/**
 * Cuts where the transit time steps and stays: its least value over the next seconds lies far from that of the seconds
 * before. A queue that fills and drains again does not do that. A step of less than JUMP_US may also be another route
 * through the network: it is a step of the clock where the Sender Reports, which know no network, show it as well.
 */
export function cutAtJumps(bins: readonly ArrivalBin[], reports: readonly CaptureReport[]): Piece[] {
  const slope = typicalSlope(bins);
  const level = ({ x, y }: Point) => y - x - slope * x;
  const levels = bins.map(({ fastest }) => level(fastest));
  const points = reports.map(report => ({ atUs: report.atUs, level: level(report) }));
  const pieces: Piece[] = [];
  let piece: Piece | null = null;
  let pieceFrom = 0;
  for (const [index, bin] of bins.entries()) {
    const own = levels[index] ?? 0;
    const before = Math.min(...levels.slice(Math.max(pieceFrom, index - 5), index));
    const step: number = piece === null ? 0 : levelAfter(bins, levels, index) - before;
    const sameWay =
      Math.abs(own - before) > Math.abs(step) / 2 && Math.sign(own - before) === Math.sign(step);
    const large = Math.abs(step) > JUMP_US && Math.abs(own - before) > JUMP_US;
    if (piece === null || large) {
      piece = { firstSequence: bin.firstSequence, fromUs: bin.firstAtUs, bins: [] };
      pieces.push(piece);
      pieceFrom = index;
    } else if (sameWay && Math.abs(step) > MIN_STEP_US && confirmed(points, bin.firstAtUs, step)) {
      // The step lies within this bin or the one before it, which then mixes both sides.
      const jump: Jump =
        step > 0 ? largest(bins[index - 1]?.up, bin.up, 1) : largest(bins[index - 1]?.down, bin.down, -1);
      const mixed = jump.atUs < bin.firstAtUs ? bins[index - 1] : bin;
      piece.bins = piece.bins.filter(each => each !== mixed);
      piece = { firstSequence: jump.sequence, fromUs: jump.atUs, bins: [] };
      pieces.push(piece);
      pieceFrom = index;
      if (mixed === bin && jump.sequence !== bin.firstSequence) continue;
    }
    piece.bins.push(bin);
  }
  return pieces.filter(({ bins: own }) => own.length > 0);
}

function levelAfter(bins: readonly ArrivalBin[], levels: readonly number[], index: number): number {
  const untilUs = (bins[index]?.firstAtUs ?? 0) + 3e6;
  let least = levels[index] ?? 0;
  for (let next = index + 1; next < index + 30; next += 1) {
    const level = levels[next];
    if (level === undefined || (bins[next]?.firstAtUs ?? 0) > untilUs) break;
    least = Math.min(least, level);
  }
  return least;
}

function largest(one: Jump | undefined, other: Jump, sign: 1 | -1): Jump {
  return one !== undefined && sign * one.us > sign * other.us ? one : other;
}

/** How the transit time changes with media time on its own: the sender's skew. Steps between are few. */
function typicalSlope(bins: readonly ArrivalBin[]): number {
  const apart = Math.max(1, Math.min(10, bins.length >> 1));
  const slopes: number[] = [];
  for (const [index, { fastest: to }] of bins.entries()) {
    const from = bins[index - apart]?.fastest;
    if (from !== undefined && to.x > from.x) slopes.push((to.y - from.y) / (to.x - from.x) - 1);
  }
  const slope = slopes.length === 0 ? 0 : median(slopes);
  return Math.abs(slope) > 1e-3 ? 0 : slope;
}

function confirmed(points: readonly { atUs: number; level: number }[], atUs: number, step: number): boolean {
  const before = points.filter(point => point.atUs < atUs && point.atUs > atUs - ASKED_US);
  const after = points.filter(
    point => point.atUs > atUs + HEARD_OF_US && point.atUs < atUs + HEARD_OF_US + ASKED_US,
  );
  if (before.length < MIN_ASKED || after.length < MIN_ASKED) return false;
  const shown = median(after.map(({ level }) => level)) - median(before.map(({ level }) => level));
  return Math.abs(shown - step) < Math.max(REPORT_TOLERANCE_US, REPORT_TOLERANCE * Math.abs(step));
}
