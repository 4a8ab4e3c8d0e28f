import type { ParticipantId } from '../protocol.ts';

/** Who speaks, told from how loud each open microphone is. Pure: levels and time are arguments. */

/** Quieter than this (RMS, −40 dB of full scale) is no speech. */
export const SPEECH_LEVEL = 0.01;
/** A pause between words still counts as speaking. */
const HOLD_MS = 500;
/** A cough does not take the floor. */
const FLOOR_MS = 700;
/** For so long nothing may come of an open microphone, … */
const SILENT_MS = 60_000;
/** … of which the others have spoken so long: nobody wonders at a pause that all make. */
const OTHERS_SPOKE_MS = 20_000;
/** Of whom nothing has come for so long since they opened their microphone, nothing may come at all. */
const UNHEARD_MS = 10_000;
/** Looks come five times a second; after a longer pause (the page slept) nothing is known of the time between. */
const LONGEST_STEP_MS = 1_000;

export interface Voices {
  speaking: readonly ParticipantId[];
  /** Who has the floor: the other one who spoke last, for longer than a cough. Null until somebody has. */
  featured: ParticipantId | null;
  /** Heard since their microphone was opened. */
  heard: readonly ParticipantId[];
  /** Their microphone has been open for some seconds, and nothing was ever heard of it. */
  unheard: readonly ParticipantId[];
  /** Not heard for a minute while the others spoke, though their microphone is open. */
  silent: readonly ParticipantId[];
}

export const noVoices: Voices = { speaking: [], featured: null, heard: [], unheard: [], silent: [] };

interface Voice {
  openedAtMs: number;
  /** Minus infinity before the first word. */
  heardAtMs: number;
  /** Since when without a longer pause; null in silence. */
  speakingSinceMs: number | null;
  /** How long others have spoken since this one was heard. */
  othersMs: number;
}

export class VoiceWatch {
  readonly #you: ParticipantId;
  readonly #voices = new Map<ParticipantId, Voice>();
  #featured: ParticipantId | null = null;
  #lookedAtMs: number | null = null;

  /** @param you are never featured: one does not look at oneself */
  constructor(you: ParticipantId) {
    this.#you = you;
  }

  /** @param levels of every open microphone, RMS, 0..1 */
  look(levels: ReadonlyMap<ParticipantId, number>, nowMs: number): Voices {
    for (const id of this.#voices.keys()) if (!levels.has(id)) this.#voices.delete(id);
    for (const [id, level] of levels) this.#hear(id, level, nowMs);
    const speaking = [...this.#voices]
      .filter(([, voice]) => voice.speakingSinceMs !== null)
      .map(([id]) => id);
    this.#countOthers(speaking, nowMs);
    this.#giveFloor(speaking, nowMs);
    return {
      speaking,
      featured: this.#featured,
      heard: this.#where(({ heardAtMs }) => heardAtMs > Number.NEGATIVE_INFINITY),
      unheard: this.#where(
        ({ heardAtMs, openedAtMs }) =>
          heardAtMs === Number.NEGATIVE_INFINITY && nowMs - openedAtMs >= UNHEARD_MS,
      ),
      silent: this.#where(
        ({ openedAtMs, heardAtMs, othersMs }) =>
          nowMs - Math.max(openedAtMs, heardAtMs) >= SILENT_MS && othersMs >= OTHERS_SPOKE_MS,
      ),
    };
  }

  #hear(id: ParticipantId, level: number, nowMs: number): void {
    const voice = this.#voices.get(id) ?? {
      openedAtMs: nowMs,
      heardAtMs: Number.NEGATIVE_INFINITY,
      speakingSinceMs: null,
      othersMs: 0,
    };
    this.#voices.set(id, voice);
    if (level > SPEECH_LEVEL) {
      voice.heardAtMs = nowMs;
      voice.speakingSinceMs ??= nowMs;
    } else if (nowMs - voice.heardAtMs >= HOLD_MS) voice.speakingSinceMs = null;
  }

  #countOthers(speaking: readonly ParticipantId[], nowMs: number): void {
    const passedMs = Math.min(nowMs - (this.#lookedAtMs ?? nowMs), LONGEST_STEP_MS);
    this.#lookedAtMs = nowMs;
    for (const [id, voice] of this.#voices) {
      if (voice.speakingSinceMs !== null) voice.othersMs = 0;
      else if (speaking.some(other => other !== id)) voice.othersMs += passedMs;
    }
  }

  #giveFloor(speaking: readonly ParticipantId[], nowMs: number): void {
    if (this.#featured !== null && speaking.includes(this.#featured)) return;
    const next = speaking
      .filter(id => id !== this.#you && nowMs - this.#sinceOf(id, nowMs) >= FLOOR_MS)
      .sort((a, b) => this.#sinceOf(a, nowMs) - this.#sinceOf(b, nowMs));
    this.#featured = next[0] ?? this.#featured;
  }

  #sinceOf(id: ParticipantId, nowMs: number): number {
    return this.#voices.get(id)?.speakingSinceMs ?? nowMs;
  }

  #where(holds: (voice: Voice) => boolean): ParticipantId[] {
    return [...this.#voices].filter(([, voice]) => holds(voice)).map(([id]) => id);
  }
}

const sameIds = (a: readonly ParticipantId[], b: readonly ParticipantId[]) =>
  a.length === b.length && a.every((id, index) => id === b[index]);

export const sameVoices = (a: Voices, b: Voices): boolean =>
  a.featured === b.featured &&
  sameIds(a.speaking, b.speaking) &&
  sameIds(a.heard, b.heard) &&
  sameIds(a.unheard, b.unheard) &&
  sameIds(a.silent, b.silent);
