import type { ChangeableRole, ParticipantId, SessionSettings } from '../protocol.ts';
import type { Ask } from './connection.ts';
import { attempt, type Surroundings } from './desk.ts';

/** What people do with each other in the room. Each answers whether it was done; if not, the person is told why. */
export class PeopleDesk {
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  setHand(isRaised: boolean): Promise<boolean> {
    return this.#do(isRaised ? 'hand.raise' : 'hand.lower', {});
  }

  lowerHandOf(participantId: ParticipantId): Promise<boolean> {
    return this.#do('person.lower-hand', { participantId });
  }

  /** @throws AppError: whoever writes is told where they write */
  async say(text: string): Promise<void> {
    this.#around.onChange({ event: 'chatSaid', body: await this.#around.ask('chat.send', { text }) });
  }

  admit(participantIds: ParticipantId[]): Promise<boolean> {
    return this.#do('lobby.admit', { participantIds });
  }

  deny(participantIds: ParticipantId[]): Promise<boolean> {
    return this.#do('lobby.deny', { participantIds });
  }

  mute(participantId: ParticipantId): Promise<boolean> {
    return this.#do('person.mute', { participantId });
  }

  remove(participantId: ParticipantId): Promise<boolean> {
    return this.#do('person.remove', { participantId });
  }

  setRole(participantId: ParticipantId, role: ChangeableRole): Promise<boolean> {
    return this.#do('person.set-role', { participantId, role });
  }

  configure(change: Partial<SessionSettings>): Promise<boolean> {
    return this.#do('session.configure', change);
  }

  endSession(): Promise<boolean> {
    return this.#do('session.end', {});
  }

  async #do(...[command, request]: Parameters<Ask>): Promise<boolean> {
    return (await attempt(this.#around, () => this.#around.ask(command, request))) !== undefined;
  }
}
