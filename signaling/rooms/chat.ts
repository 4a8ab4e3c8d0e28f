import { randomUUID } from 'node:crypto';
import type { Clock } from '@cratersync/infra/runtime';
import { type ChatMessage, errors, type GivenBack } from '../protocol/index.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Seat } from './seat.ts';

/** Of a long talk the end: whoever comes in is sent all of it. */
const MOST_MESSAGES = 200;

type Said = Omit<ChatMessage, 'agoMs'> & { saidMs: number };

/**
 * What is written in one room. It lives in this process's memory and ends with the room: what nobody stored, nobody has
 * to erase. After a restart the pages that are still open give back what they had written.
 */
export class Chat {
  readonly #clock: Clock;
  /** In the order in which it was said. */
  readonly #said: Said[] = [];
  readonly #openedMs: number;
  readonly #limit = new RateLimit({ burst: 10, everyMs: 1000 });

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#openedMs = this.#nowMs;
  }

  /** @throws `too_many_requests` */
  say({ participantId, displayName }: Seat, text: string): ChatMessage {
    const saidMs = this.#nowMs;
    if (this.#limit.take(participantId, saidMs) > 0)
      throw errors.tooManyRequests('messages', 'a few seconds');
    const said = { messageId: randomUUID(), participantId, displayName, text, saidMs };
    this.#put(said);
    return this.#view(said);
  }

  /** Nobody says anything later as if it had been before: what this room heard itself, it knows. @returns what is new */
  takeBack({ participantId, displayName }: Seat, messages: GivenBack['messages']): ChatMessage[] {
    const taken: Said[] = [];
    for (const { messageId, text, agoMs } of messages) {
      const saidMs = this.#nowMs - agoMs;
      const isKnown = this.#said.some(
        said => said.messageId === messageId && said.participantId === participantId,
      );
      if (isKnown || saidMs >= this.#openedMs) continue;
      const said = { messageId, participantId, displayName, text, saidMs };
      if (this.#put(said)) taken.push(said);
    }
    return taken.map(said => this.#view(said));
  }

  /** @returns false for what is older than all that is kept */
  #put(said: Said): boolean {
    const later = this.#said.findIndex(({ saidMs }) => saidMs > said.saidMs);
    this.#said.splice(later === -1 ? this.#said.length : later, 0, said);
    return this.#said.length <= MOST_MESSAGES || this.#said.shift() !== said;
  }

  get messages(): ChatMessage[] {
    return this.#said.map(said => this.#view(said));
  }

  #view({ saidMs, ...message }: Said): ChatMessage {
    return { ...message, agoMs: Math.round(this.#nowMs - saidMs) };
  }

  get #nowMs(): number {
    return this.#clock.nowUs() / 1000;
  }
}
