import type { Language } from '../protocol.ts';
import type { CaptureSettings } from './devices.ts';
import type { View } from './view.ts';

/**
 * What this browser remembers between visits. A browser that allows no storage only forgets sooner.
 *
 * A seat is kept per place: the token of an invitation, or the session's id for its host. Coming back by the
 * same link is then the same person, and a host who opens a guest link stays two people.
 */
interface Remembered {
  name: string;
  capture: Partial<CaptureSettings>;
  /** Where sound is played. */
  speaker: string;
  /** In which the pages are shown. */
  language: Language;
  view: Partial<View>;
  [seat: `seat.${string}`]: { credential: string };
}

const keyOf = (name: string) => `cratersync.${name}`;

export function recall<K extends keyof Remembered>(name: K): Remembered[K] | null {
  try {
    const text = localStorage.getItem(keyOf(name));
    return text === null ? null : (JSON.parse(text) as Remembered[K]);
  } catch {
    return null;
  }
}

export function remember<K extends keyof Remembered>(name: K, value: Remembered[K]): void {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // Private windows may refuse; the person types their name again next time.
  }
}
