import type { Clock } from '@cratersync/infra/runtime';
import { type ChatMessage, type Condition, errors, type ParticipantId } from '../protocol/index.ts';
import { RateLimit } from '../rate-limit.ts';
import { Chat } from './chat.ts';
import type { Member, Members } from './members.ts';
import type { Seat } from './seat.ts';

/** What the people of one room tell each other besides speaking: in writing, by their hands, and how they are connected. */
export class Conversation {
  readonly #members: Members;
  readonly #chat: Chat;
  /** How many hands have been raised here. */
  #hands = 0;
  readonly #reports = new RateLimit({ burst: 10, everyMs: 2000 });

  constructor(members: Members, clock: Clock) {
    this.#members = members;
    this.#chat = new Chat(clock);
  }

  get messages(): ChatMessage[] {
    return this.#chat.messages;
  }

  /** @throws `too_many_requests` */
  say(seat: Seat, text: string): ChatMessage {
    const message = this.#chat.say(seat, text);
    this.#members.tell('chatSaid', message, seat.participantId);
    return message;
  }

  /** Raised twice, it keeps its place. @throws `not_found` */
  setHand(participantId: ParticipantId, isRaised: boolean): null {
    const member = this.#member(participantId);
    if (isRaised === (member.hand !== null)) return null;
    if (isRaised) this.#hands += 1;
    member.hand = isRaised ? this.#hands : null;
    this.#members.tell('participantChanged', member.view);
    return null;
  }

  /** @throws `too_many_requests` */
  noteCondition(participantId: ParticipantId, condition: Condition): null {
    const member = this.#member(participantId);
    if (this.#reports.take(participantId) > 0) throw errors.tooManyRequests('reports', 'a few seconds');
    member.condition = condition;
    this.#members.tell('participantChanged', member.view, participantId);
    return null;
  }

  #member(participantId: ParticipantId): Member {
    const member = this.#members.get(participantId);
    if (member === undefined) throw errors.notFound('person');
    return member;
  }
}
