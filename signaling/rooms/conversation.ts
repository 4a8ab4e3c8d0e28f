import { randomUUID } from 'node:crypto';
import type { Clock } from '@cratersync/infra/runtime';
import {
  type ChatMessage,
  type Condition,
  errors,
  type GivenBack,
  type ParticipantId,
} from '../protocol/index.ts';
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
  /** Whose hands went up or down here: what was before is over. */
  readonly #haveMoved = new Set<ParticipantId>();
  /** Tells those who come back whether this is still the conversation that they were in. */
  readonly conversationId = randomUUID();
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
    this.#haveMoved.add(participantId);
    if (isRaised) this.#hands += 1;
    member.hand = isRaised ? this.#hands : null;
    this.#members.tell('participantChanged', member.view);
    return null;
  }

  /** What signaling has forgotten, from the page that had said it. @throws `not_found` */
  takeBack(seat: Seat, { messages, hand }: GivenBack): null {
    const { participantId } = seat;
    const member = this.#member(participantId);
    for (const message of this.#chat.takeBack(seat, messages))
      this.#members.tell('chatSaid', message, participantId);
    if (hand === null || this.#haveMoved.has(participantId)) return null;
    this.#haveMoved.add(participantId);
    this.#hands = Math.max(this.#hands, hand);
    member.hand = hand;
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
