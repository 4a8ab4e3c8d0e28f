import type { ChangeableRole, ParticipantId, SessionSettings } from '../protocol.ts';
import type { Ask } from './connection.ts';
import { attempt, type Surroundings } from './desk.ts';
import { type RoomState, toGiveBack } from './room-state.ts';

/** What people do with each other in the room. Each answers whether it was done; if not, the person is told why. */
export class PeopleDesk {
  readonly #around: Surroundings;
  /** What the server has to be told again, beside what was written: the hand that was up. */
  #owed: { hand: number | null } | null = null;

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

  /**
   * After each restart of the server, which has forgotten what was said. Where the connection breaks meanwhile, the next join
   * gives it back once more, and the server knows what it has.
   */
  async giveBack(before: RoomState | null, room: RoomState): Promise<void> {
    if (before !== null && before.conversationId !== room.conversationId)
      this.#owed ??= { hand: before.you.hand };
    if (this.#owed === null) return;
    try {
      for (const part of toGiveBack(room, this.#owed.hand))
        await this.#around.ask('conversation.give-back', part);
      this.#owed = null;
    } catch {
      // It is not what anybody has just asked for: they are told nothing.
    }
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
