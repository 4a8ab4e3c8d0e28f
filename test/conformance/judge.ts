import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hearStem, type SurveyedStem, seeStem, survey } from '@cratersync/recorder/testing';
import type { StemGap, StemGapCause } from '@cratersync/recorder/timeline';
import { type Case, STEM_TO_STEM_MS } from './cases.ts';
import { flashesOf } from './flash.ts';
import type { Recorded, Sent } from './live.ts';
import { CHIRP_SPAN_S, chirpsBetween, findChirp } from './pattern.ts';
import { clockOf, type Fate, type VoicePacket } from './voices.ts';

/** What a case showed. Times in ms. */
export interface Outcome {
  case: Case;
  /** Its stems' worst distance from where most stems have a chirp, over all chirps. */
  worstMs: number;
  chirps: number;
  /** The seconds of chirps that came whole and are not where they belong. */
  unheard: number[];
  /** Worst edge of a gap; null where there is none. */
  gapEdgeMs: number | null;
  /** Gaps that are not told, told wrongly, or told where there are none. */
  gapFaults: string[];
  samples: number[];
  /** Of a camera: how much its flashes come after the chirps, at least and at most. */
  soundAheadMs: [number, number] | null;
  /** Skew and basis of the timeline's segments, for people. */
  fits: string;
}

/** By the second at which it sounded: how late a stem has it, s. */
type Heard = Map<number, number>;

export async function judge(recorded: Recorded): Promise<{ outcomes: Outcome[]; worstPairMs: number }> {
  const stems = await survey(recorded.reader);
  const outcomes: (Outcome & { heard: Heard[] })[] = [];
  for (const [each, people] of recorded.sent) outcomes.push(await examine(recorded, stems, each, people));
  const strict = outcomes.filter(({ case: { gateMs } }) => gateMs === STEM_TO_STEM_MS);
  const middle: Heard = new Map();
  let worstPairMs = 0;
  for (let second = 0; second < recorded.untilS; second += 1) {
    const late = strict
      .flatMap(({ heard }) => heard.flatMap(each => each.get(second) ?? []))
      .toSorted((a, b) => a - b);
    const [first, last] = [late[0], late.at(-1)];
    if (first === undefined || last === undefined) continue;
    middle.set(second, late[late.length >> 1] ?? first);
    worstPairMs = Math.max(worstPairMs, (last - first) * 1000);
  }
  for (const outcome of outcomes) {
    for (const heard of outcome.heard)
      for (const [second, lateS] of heard)
        outcome.worstMs = Math.max(outcome.worstMs, Math.abs(lateS - (middle.get(second) ?? lateS)) * 1000);
    outcome.chirps = Math.min(...outcome.heard.map(({ size }) => size));
  }
  return { outcomes, worstPairMs };
}

async function examine(recorded: Recorded, stems: SurveyedStem[], each: Case, people: Sent[]) {
  const outcome: Outcome & { heard: Heard[] } = {
    case: each,
    worstMs: 0,
    chirps: 0,
    unheard: [],
    gapEdgeMs: null,
    gapFaults: [],
    samples: [],
    soundAheadMs: null,
    fits: '',
    heard: [],
  };
  for (const sent of people) {
    const own = stems.filter(({ participantId }) => participantId === sent.participantId);
    const sound = own.find(({ kind }) => kind === 'audio');
    if (sound === undefined) throw new Error(`${each.name}: there is no stem`);
    const { samples, gaps } = await hearStem(recorded.reader, sound);
    outcome.samples.push(samples.length);
    const { heard, missing } = listen(samples, sent, recorded);
    outcome.unheard.push(...missing);
    outcome.heard.push(heard);
    outcome.fits += fitsOf(sound);
    holdGaps(outcome, gaps, sent, recorded);
    const sight = own.find(({ kind }) => kind === 'video');
    if (sight !== undefined) outcome.soundAheadMs = await lips(recorded, sight, heard);
  }
  return outcome;
}

/** What is left out for being silent takes nothing away. */
const sounds: Fate[] = ['arrives', 'not-sent'];

/** All chirps whose media came whole. */
function listen(
  samples: Float32Array,
  { person, packets }: Sent,
  { offsetS, untilS }: Recorded,
): { heard: Heard; missing: number[] } {
  const heard: Heard = new Map();
  const missing: number[] = [];
  for (const [index, voice] of person.voices.entries()) {
    const intact = (fromS: number, toS: number) =>
      packets[index]?.every(
        ({ fate, capturedS, readyS }) => sounds.includes(fate) || readyS < fromS || capturedS > toS,
      );
    const { deviceChange: change } = voice;
    const stall = change === null ? null : [change.atS - 0.02, change.atS + change.silentS + 0.02];
    for (const second of chirpsBetween(voice.startS + 0.2, Math.min(voice.endS, untilS) - 0.2)) {
      const [fromS, toS] = [second - CHIRP_SPAN_S.before, second + CHIRP_SPAN_S.after];
      if (!intact(fromS, toS) || (stall !== null && toS > (stall[0] ?? 0) && fromS < (stall[1] ?? 0)))
        continue;
      const lateS = findChirp(samples, second + offsetS);
      if (lateS === null) missing.push(second);
      else heard.set(second, lateS);
    }
  }
  return { heard, missing };
}

const fitsOf = ({ tracks }: SurveyedStem): string =>
  tracks
    .flatMap(({ streams }) => [...streams.values()])
    .flatMap(({ timeline }) => timeline.segments)
    .map(({ basis, skewPpm, residualMs, reportsUsed, reportsRejected }) =>
      basis === 'arrival'
        ? ` [arrival ${skewPpm.toFixed(0)} ppm ±${residualMs.toFixed(1)}]`
        : ` [${reportsUsed}/${reportsUsed + reportsRejected} reports ${skewPpm.toFixed(0)} ppm ±${residualMs.toFixed(1)}]`,
    )
    .join('');

async function lips(recorded: Recorded, sight: SurveyedStem, heard: Heard): Promise<[number, number]> {
  const directory = await mkdtemp(join(tmpdir(), 'cratersync-lips-'));
  try {
    const path = join(directory, 'stem.webm');
    await writeFile(path, await seeStem(recorded.reader, sight));
    const flashes = await flashesOf(path);
    const ahead = [...heard].map(([second, lateS]) => {
      const soundS = second + recorded.offsetS + lateS;
      const nearest = flashes.reduce((a, b) => (Math.abs(b - soundS) < Math.abs(a - soundS) ? b : a), 0);
      return (nearest - soundS) * 1000;
    });
    return [Math.min(...ahead), Math.max(...ahead)];
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A loss of so much is rebuilt or concealed. */
const REPAIRED_S = 0.1201;
export const GAP_EDGE_MS = 20;

/** Where, by what was sent and what came, a stem must hold nothing. Rig time, s. */
function trueGaps({ person, packets }: Sent): { fromS: number; toS: number; cause: StemGapCause }[] {
  const gaps: { fromS: number; toS: number; cause: StemGapCause }[] = [];
  let endS: number | null = null;
  for (const [index, voice] of person.voices.entries()) {
    const clock = clockOf(voice);
    let between: VoicePacket[] = [];
    let fresh = true;
    for (const packet of packets[index] ?? []) {
      if (packet.fate !== 'arrives') {
        between.push(packet);
        continue;
      }
      const { capturedS } = packet;
      if (endS === null) gaps.push({ fromS: Number.NEGATIVE_INFINITY, toS: capturedS, cause: 'late' });
      else if (fresh) gaps.push({ fromS: endS, toS: capturedS, cause: 'left' });
      else if (between.some(({ fate }) => fate === 'muted'))
        gaps.push({ fromS: endS, toS: capturedS, cause: 'muted' });
      else if (between.some(({ fate }) => fate === 'lost')) {
        if (capturedS - endS > REPAIRED_S) gaps.push({ fromS: endS, toS: capturedS, cause: 'network-loss' });
      } else if (between.length > 0) gaps.push({ fromS: endS, toS: capturedS, cause: 'dtx' });
      else if (capturedS - endS > 0.005) gaps.push({ fromS: endS, toS: capturedS, cause: 'capture-stall' });
      fresh = false;
      between = [];
      endS = clock.timeOf((packet.index + 1) * 960 - 1) + 1 / 48_000;
    }
  }
  return gaps;
}

function holdGaps(outcome: Outcome, told: StemGap[], sent: Sent, { offsetS, untilS }: Recorded): void {
  // What follows the last word is the same for all, and not looked at.
  const rest = told.filter(({ endUs }) => endUs / 1e6 < untilS + offsetS);
  for (const { fromS, toS, cause } of trueGaps(sent)) {
    const [startS, endS] = [Math.max(0, fromS + offsetS), toS + offsetS];
    const edgesMs = rest.map(
      gap => Math.max(Math.abs(gap.startUs / 1e6 - startS), Math.abs(gap.endUs / 1e6 - endS)) * 1000,
    );
    const nearest = edgesMs.indexOf(Math.min(...edgesMs));
    const edgeMs = edgesMs[nearest] ?? Number.POSITIVE_INFINITY;
    const name = `${cause} ${startS.toFixed(3)}–${endS.toFixed(3)}`;
    if (edgeMs > GAP_EDGE_MS) {
      outcome.gapFaults.push(`not told: ${name}`);
      continue;
    }
    outcome.gapEdgeMs = Math.max(outcome.gapEdgeMs ?? 0, edgeMs);
    const [match] = rest.splice(nearest, 1);
    if (match?.cause !== cause) outcome.gapFaults.push(`told as ${match?.cause}: ${name}`);
  }
  for (const { startUs, endUs, cause } of rest)
    outcome.gapFaults.push(`untrue: ${cause} ${(startUs / 1e6).toFixed(3)}–${(endUs / 1e6).toFixed(3)}`);
}
