import { CLIPPING_DB } from './level-meter.ts';

/** What may be better about this person's own sound and picture. Pure: measurements and time are arguments. */

const CLIPS = 3;
const CLIPS_WITHIN_MS = 3_000;
const SAID_FOR_MS = 8_000;

/** Tells a microphone that is too loud from a single knock against it. */
export class ClipWatch {
  #clips: number[] = [];
  #untilMs = 0;

  look(peakDb: number, nowMs: number): boolean {
    if (peakDb >= CLIPPING_DB) this.#clips.push(nowMs);
    this.#clips = this.#clips.filter(atMs => nowMs - atMs < CLIPS_WITHIN_MS);
    if (this.#clips.length >= CLIPS) this.#untilMs = nowMs + SAID_FOR_MS;
    return nowMs < this.#untilMs;
  }
}

/** How much must have been heard before anything is said of echo, in looks. */
const ENOUGH_LOOKS = 100;
const MEMORY_LOOKS = 300;

/**
 * Finds out whether a microphone hears the others: then it is loud while they speak and quiet while they do not, which is
 * the opposite of a conversation. So it is for the one whose own voice comes back from somebody else's loudspeaker; but there it
 * is this microphone that is loud first.
 */
export class EchoWatch {
  /** How often others spoke, or not; and how often the microphone was loud meanwhile. */
  readonly #looks = { spoken: 0, spokenLoud: 0, quiet: 0, quietLoud: 0 };
  #before = { othersSpoke: false, wasLoud: false };
  /** Before the others began to speak this time. */
  #wasFirst = false;

  look(othersSpeak: boolean, isLoud: boolean): boolean {
    const looks = this.#looks;
    if (othersSpeak && !this.#before.othersSpoke) this.#wasFirst = this.#before.wasLoud;
    this.#before = { othersSpoke: othersSpeak, wasLoud: isLoud };
    if (othersSpeak) {
      looks.spoken += 1;
      looks.spokenLoud += isLoud && !this.#wasFirst ? 1 : 0;
    } else {
      looks.quiet += 1;
      looks.quietLoud += isLoud ? 1 : 0;
    }
    // What was long ago counts less and less.
    if (looks.spoken + looks.quiet > MEMORY_LOOKS)
      for (const name of Object.keys(looks) as (keyof typeof looks)[]) looks[name] /= 2;
    if (looks.spoken < ENOUGH_LOOKS / 2 || looks.quiet < ENOUGH_LOOKS / 4) return false;
    return looks.spokenLoud / looks.spoken > 0.7 && looks.quietLoud / looks.quiet < 0.2;
  }
}

/** Darker than this (0..255, on average) a face is hard to see. */
const DARK = 45;

/** @param pixels RGBA */
export function isDark(pixels: Uint8ClampedArray): boolean {
  let sum = 0;
  for (let at = 0; at + 2 < pixels.length; at += 4)
    sum += 0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0);
  return pixels.length > 0 && sum / (pixels.length / 4) < DARK;
}
