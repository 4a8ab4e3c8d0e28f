import type { ParticipantId } from '../protocol.ts';
import { ClipWatch, EchoWatch } from './hints.ts';
import type { LocalMedia } from './local-media.ts';
import { trackOf } from './local-media.ts';
import { OwnSound } from './own-sound.ts';
import type { RoomState } from './room-state.ts';
import { Store } from './store.ts';
import { noVoices, sameVoices, type Voices, VoiceWatch } from './voices.ts';

const LOOK_EVERY_MS = 200;
/** What others send tells its RMS, one's own meter its peak. */
const PEAK_TO_RMS = 0.5;
/** As for others: quieter is no speech. */
const OWN_SPEECH_DB = -34;
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
    const voices = this.#watchOf(room.you.participantId).look(this.#levels(room, ownDb), nowMs);
    const you = room.you.participantId;
    const heard: Heard = {
      ...voices,
      speaksMuted: this.#speaksMuted(ownDb, nowMs),
      isClipping: this.#clips.look(this.#around.isMuted() ? Number.NEGATIVE_INFINITY : ownDb, nowMs),
      hearsOthers: this.#hearsOthers(voices.speaking, you),
    };
    if (!sameHeard(this.store.get(), heard)) this.store.set(heard);
  }

  #hearsOthers(speaking: readonly ParticipantId[], you: ParticipantId): boolean {
    if (!this.#own.isOpen || this.#around.isMuted()) return false;
    return this.#echo.look(
      speaking.some(id => id !== you),
      speaking.includes(you),
    );
  }

  #watchOf(you: ParticipantId): VoiceWatch {
    if (this.#watch?.you !== you) this.#watch = { you, voices: new VoiceWatch(you) };
    return this.#watch.voices;
  }

  /** Of every open microphone. */
  #levels(room: RoomState, ownDb: number): Map<ParticipantId, number> {
    const levels = new Map<ParticipantId, number>();
    for (const { participantId, producerId, source, paused } of room.producers)
      if (source === 'mic' && !paused && participantId !== room.you.participantId)
        levels.set(participantId, this.#around.levelOf(producerId));
    if (this.#own.isOpen && !this.#around.isMuted())
      levels.set(room.you.participantId, PEAK_TO_RMS * 10 ** (ownDb / 20));
    return levels;
  }

  #speaksMuted(ownDb: number, nowMs: number): boolean {
    const spoken = this.#mutedSpeech;
    if (!this.#around.isMuted() || ownDb < OWN_SPEECH_DB) spoken.sinceMs = null;
    else spoken.sinceMs ??= nowMs;
    if (spoken.sinceMs !== null && nowMs - spoken.sinceMs >= SPOKE_MS) spoken.untilMs = nowMs + REMIND_MS;
    if (!this.#around.isMuted()) spoken.untilMs = 0;
    return nowMs < spoken.untilMs;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#own.close();
  }
}
