import { Store } from '../studio/store.ts';

export interface Playable {
  id: string;
  kind: 'audio' | 'video';
  url: string;
}

export interface PlayerState {
  /** What is wanted; it may still be waiting for data. */
  playing: boolean;
  waiting: boolean;
  timeS: number;
  muted: ReadonlySet<string>;
  solo: ReadonlySet<string>;
  /** Stems that cannot be played here. */
  broken: ReadonlySet<string>;
}

/**
 * How far apart two stems may be before one is moved, which takes a moment for all of them. Less is made up for by its
 * pace: a tenth of what is missing is made good in a second or two, without being heard.
 */
const JUMP_S = 0.4;
const ALIGN_S = 0.015;
const NUDGE_S = 0.006;
const MOST_NUDGE = 0.06;
const CHECK_MS = 200;
/** HTMLMediaElement.HAVE_FUTURE_DATA */
const ENOUGH = 3;

/**
 * Plays all stems of a recording together. Each is an element of its own, which the browser fetches part by part; one
 * of the sounds sets the time, and the others are kept in step with it. When one has to wait for data, all wait.
 */
export class StemPlayer {
  readonly durationS: number;
  readonly store: Store<PlayerState>;
  readonly #elements = new Map<string, HTMLMediaElement>();
  readonly #known = new WeakSet<HTMLMediaElement>();
  readonly #kinds = new Map<string, Playable['kind']>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(durationS: number) {
    this.store = new Store<PlayerState>({
      playing: false,
      waiting: false,
      timeS: 0,
      muted: new Set(),
      solo: new Set(),
      broken: new Set(),
    });
    this.durationS = durationS;
  }

  get state(): PlayerState {
    return this.store.get();
  }

  /**
   * @param element made by the caller, who shows it or not. One that is there already goes on with the new address, in its
   * place.
   */
  add({ id, kind, url }: Playable, element: HTMLMediaElement): void {
    element.preload = 'auto';
    element.src = url;
    element.currentTime = this.state.timeS;
    element.muted = kind === 'video';
    if (!this.#known.has(element)) this.#listen(id, element);
    const broken = new Set(this.state.broken);
    if (broken.delete(id)) this.store.patch({ broken });
    this.#elements.set(id, element);
    this.#kinds.set(id, kind);
    this.#hear();
  }

  #listen(id: string, element: HTMLMediaElement): void {
    this.#known.add(element);
    element.addEventListener('error', () => {
      this.store.patch({ broken: new Set([...this.state.broken, id]) });
      this.#elements.delete(id);
      this.#hear();
    });
    for (const event of ['canplay', 'seeked', 'waiting'] as const) {
      element.addEventListener(event, () => this.#step());
    }
  }

  /** Lets go of the elements, and of their connections. */
  close(): void {
    this.pause();
    for (const element of this.#elements.values()) {
      element.removeAttribute('src');
      element.load();
    }
    this.#elements.clear();
  }

  play(): void {
    if (this.state.timeS >= this.durationS - 0.05) this.seek(0);
    this.store.patch({ playing: true });
    this.#timer ??= setInterval(() => this.#step(), CHECK_MS);
    this.#step();
  }

  pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.store.patch({ playing: false, waiting: false });
    for (const element of this.#elements.values()) element.pause();
  }

  seek(timeS: number): void {
    const placeS = Math.max(0, Math.min(timeS, this.durationS));
    this.store.patch({ timeS: placeS });
    for (const element of this.#elements.values()) {
      element.pause();
      element.currentTime = placeS;
    }
    this.#step();
  }

  toggleMute = (id: string): void => {
    this.store.patch({ muted: toggled(this.state.muted, id) });
    this.#hear();
  };

  toggleSolo = (id: string): void => {
    this.store.patch({ solo: toggled(this.state.solo, id) });
    this.#hear();
  };

  isHeard(id: string): boolean {
    const { solo, muted } = this.state;
    return !muted.has(id) && (solo.size === 0 || solo.has(id));
  }

  /** Where the sound is right now, finer than the state is told. */
  get placeS(): number {
    const leader = this.#leader();
    return this.state.playing && leader !== null && !leader.paused ? leader.currentTime : this.state.timeS;
  }

  #hear(): void {
    for (const [id, element] of this.#elements) {
      element.muted = this.#kinds.get(id) === 'video' || !this.isHeard(id);
    }
  }

  #leader(): HTMLMediaElement | null {
    for (const [id, element] of this.#elements) if (this.#kinds.get(id) === 'audio') return element;
    return [...this.#elements.values()][0] ?? null;
  }

  #step(): void {
    const leader = this.#leader();
    if (!this.state.playing || leader === null) return;
    if (leader.ended || leader.currentTime >= this.durationS) {
      this.pause();
      this.store.patch({ timeS: this.durationS });
      return;
    }
    const elements = [...this.#elements.values()].filter(element => !element.ended);
    const sounds = [...this.#elements]
      .filter(([id]) => this.#kinds.get(id) === 'audio')
      .map(([, each]) => each);
    const needed = sounds.length > 0 ? sounds : elements;
    // Pictures that are late may catch up; a sound that is missing may not be passed over.
    const lacking = needed.some(element => element.seeking || element.readyState < ENOUGH);
    if (lacking) {
      this.store.patch({ waiting: true });
      for (const element of elements) element.pause();
      return;
    }
    // Before they start they are put side by side; the seek tells when that is done.
    if (leader.paused && aligned(elements, leader.currentTime)) return;
    this.store.patch({ waiting: false, timeS: leader.currentTime });
    for (const element of elements) this.#keepInStep(element, leader);
  }

  #keepInStep(element: HTMLMediaElement, leader: HTMLMediaElement): void {
    if (element !== leader && !element.seeking) {
      const behindS = leader.currentTime - element.currentTime;
      if (Math.abs(behindS) > JUMP_S) element.currentTime = leader.currentTime;
      const nudge = Math.max(-MOST_NUDGE, Math.min(MOST_NUDGE, behindS));
      element.playbackRate = 1 + (Math.abs(behindS) > NUDGE_S ? nudge : 0);
    }
    if (element.paused) void element.play().catch((error: unknown) => this.#refused(error));
  }

  /** Browsers let a page be heard only after it was clicked; `pause` ends what is being asked for, which is no fault. */
  #refused(error: unknown): void {
    if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
  }
}

/** @returns whether any of them had to be moved */
function aligned(elements: readonly HTMLMediaElement[], placeS: number): boolean {
  const astray = elements.filter(element => Math.abs(element.currentTime - placeS) > ALIGN_S);
  for (const element of astray) element.currentTime = placeS;
  return astray.length > 0;
}

function toggled(set: ReadonlySet<string>, id: string): Set<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
