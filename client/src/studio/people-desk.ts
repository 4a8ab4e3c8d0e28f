import { type ChangeableRole, type ParticipantId, type SessionSettings, toAppError } from '../protocol.ts';
import type { Ask } from './connection.ts';
import type { RoomChange } from './room-state.ts';

interface Around {
  ask: Ask;
  onChange: (change: RoomChange) => void;
  /** null: what was said before no longer holds. */
  onProblem: (problem: string | null) => void;
}

/** What people do with each other in the room. Each answers whether it was done; if not, the person is told why. */
export class PeopleDesk {
  readonly #around: Around;

  constructor(around: Around) {
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
    this.#around.onProblem(null);
    try {
      await this.#around.ask(command, request);
      return true;
    } catch (thrown) {
      this.#around.onProblem(toAppError(thrown).message);
      return false;
    }
  }
}
