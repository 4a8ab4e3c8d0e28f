import { hearPieces, survey } from '@cratersync/recorder/testing';
import { type LongVoice, longTruthS, recordLong } from './faked.ts';
import { findChirp } from './pattern.ts';
import { plainVoice, speak } from './voices.ts';

/** Hours are listened to in pieces of so many seconds. */
const PIECE_S = 4;
const PIECES = 10;
/** The second that is said over and over: one without the encoder's first moments. */
const SECOND = 2;

/** @returns how far the stem of somebody who spoke for hours is from the truth at worst, ms */
export async function judgeLong(voice: LongVoice): Promise<number> {
  const spoken = await speak(plainVoice, SECOND + 2, 1);
  const second = spoken.slice(SECOND * 50, (SECOND + 1) * 50).map(({ payload }) => payload);
  const reader = recordLong(voice, second);
  const [stem] = await survey(reader);
  if (stem === undefined) throw new Error('there is no stem');
  const lastS = voice.hours * 3600 - PIECE_S - 6;
  const starts = Array.from({ length: PIECES }, (_, k) => Math.round(5 + (k * (lastS - 5)) / (PIECES - 1)));
  const pieces = await hearPieces(
    reader,
    stem,
    starts.map(startS => [startS, startS + PIECE_S]),
  );
  let worstMs = 0;
  for (const [index, startS] of starts.entries()) {
    const lateMs: number[] = [];
    for (let mediaS = startS - 20; mediaS < startS + PIECE_S + 20; mediaS += 1) {
      const withinS = longTruthS(voice, mediaS) - startS;
      if (withinS < 0.3 || withinS > PIECE_S - 0.4) continue;
      const lateS = findChirp(pieces[index] ?? new Float32Array(), withinS);
      if (lateS !== null) lateMs.push(lateS * 1000);
    }
    if (lateMs.length === 0) throw new Error(`nothing is heard at ${startS} s`);
    worstMs = Math.max(worstMs, ...lateMs.map(Math.abs));
  }
  return worstMs;
}
