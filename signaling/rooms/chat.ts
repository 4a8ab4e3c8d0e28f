import { randomUUID } from 'node:crypto';
import type { Clock } from '@cratersync/infra/runtime';
import { type ChatMessage, errors } from '../protocol/index.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Seat } from './seat.ts';

/** Of a long talk the end: whoever comes in is sent all of it. */
const MOST_MESSAGES = 200;

type Said = Omit<ChatMessage, 'agoMs'> & { saidMs: number };

/**
 * What is written in one room. It lives in this process's memory and ends with the room: what nobody stored, nobody has
 * to erase.
 */
export class Chat {
  readonly #clock: Clock;
  readonly #said: Said[] = [];
  readonly #limit = new RateLimit({ burst: 10, everyMs: 1000 });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws `too_many_requests` */
  say({ participantId, displayName }: Seat, text: string): ChatMessage {
    const saidMs = this.#nowMs;
    if (this.#limit.take(participantId, saidMs) > 0)
      throw errors.tooManyRequests('messages', 'a few seconds');
    const said = { messageId: randomUUID(), participantId, displayName, text, saidMs };
    this.#said.push(said);
    if (this.#said.length > MOST_MESSAGES) this.#said.shift();
    return this.#view(said);
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
