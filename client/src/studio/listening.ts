import type { ParticipantId } from '../protocol.ts';
import { ClipWatch, EchoWatch } from './hints.ts';
import type { LocalMedia } from './local-media.ts';
import { trackOf } from './local-media.ts';
import { OwnSound } from './own-sound.ts';
import { type RoomState, remoteProducers } from './room-state.ts';
import { Store } from './store.ts';
import { noVoices, SPEECH_LEVEL, sameVoices, type Voices, VoiceWatch } from './voices.ts';

const LOOK_EVERY_MS = 200;
/** What others send tells its RMS, one's own meter its peak, which is about twice that. */
const levelOfPeak = (db: number): number => 0.5 * 10 ** (db / 20);
/** A word or two, not a chair that is moved. */
const SPOKE_MS = 600;
/** How long it is said to whoever spoke muted. */
const REMIND_MS = 4_000;

export interface Heard extends Voices {
  /** This person speaks, and nobody hears them. */
  speaksMuted: boolean;
  /** Their microphone is too loud. */
  isClipping: boolean;
  /** Their microphone hears the others. */
  hearsOthers: boolean;
}

interface Around {
  local: LocalMedia;
  room: () => RoomState | null;
  isMuted: () => boolean;
  levelOf: (producerId: string) => number;
}

const sameHeard = (a: Heard, b: Heard): boolean =>
  sameVoices(a, b) &&
  a.speaksMuted === b.speaksMuted &&
  a.isClipping === b.isClipping &&
  a.hearsOthers === b.hearsOthers;

/** Looks several times a second at how loud everybody is, and tells what that means. */
export class Listening {
  readonly store = new Store<Heard>({
    ...noVoices,
    speaksMuted: false,
    isClipping: false,
    hearsOthers: false,
  });
  readonly #around: Around;
  readonly #own = new OwnSound();
  readonly #clips = new ClipWatch();
  readonly #echo = new EchoWatch();
  readonly #timer: ReturnType<typeof setInterval>;
  #watch: { you: ParticipantId; voices: VoiceWatch } | null = null;
  #mutedSpeech = { sinceMs: null as number | null, untilMs: 0 };

  constructor(around: Around) {
    this.#around = around;
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_EVERY_MS);
  }

  #look(nowMs: number): void {
    const room = this.#around.room();
    if (room === null) return;
    this.#own.follow(trackOf(this.#around.local.store.get().microphone));
    const ownDb = this.#own.readDb();
    const isHeard = this.#own.isOpen && !this.#around.isMuted();
    const you = room.you.participantId;
    const levels = this.#levelsOfOthers(room);
    if (isHeard) levels.set(you, levelOfPeak(ownDb));
    const voices = this.#watchOf(you).look(levels, nowMs);
    const heard: Heard = {
      ...voices,
      speaksMuted: this.#speaksMuted(levelOfPeak(ownDb), nowMs),
      isClipping: this.#clips.look(isHeard ? ownDb : Number.NEGATIVE_INFINITY, nowMs),
      hearsOthers: isHeard && this.#hearsOthers(voices.speaking, you),
    };
    if (!sameHeard(this.store.get(), heard)) this.store.set(heard);
  }

  #hearsOthers(speaking: readonly ParticipantId[], you: ParticipantId): boolean {
    return this.#echo.look(
      speaking.some(id => id !== you),
      speaking.includes(you),
    );
  }

  #watchOf(you: ParticipantId): VoiceWatch {
    if (this.#watch?.you !== you) this.#watch = { you, voices: new VoiceWatch(you) };
    return this.#watch.voices;
  }

  /** Of every open microphone of theirs. */
  #levelsOfOthers(room: RoomState): Map<ParticipantId, number> {
    const open = remoteProducers(room).filter(({ source, paused }) => source === 'mic' && !paused);
    return new Map(
      open.map(({ participantId, producerId }) => [participantId, this.#around.levelOf(producerId)]),
    );
  }

  #speaksMuted(level: number, nowMs: number): boolean {
    const spoken = this.#mutedSpeech;
    const isMuted = this.#around.isMuted();
    if (!isMuted || level <= SPEECH_LEVEL) spoken.sinceMs = null;
    else spoken.sinceMs ??= nowMs;
    if (spoken.sinceMs !== null && nowMs - spoken.sinceMs >= SPOKE_MS) spoken.untilMs = nowMs + REMIND_MS;
    if (!isMuted) spoken.untilMs = 0;
    return nowMs < spoken.untilMs;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#own.close();
  }
}
