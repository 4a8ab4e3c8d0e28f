import { errors, type ParticipantId, type SessionId, type WaitingView } from '../protocol/index.ts';
import type { RoomSocket } from './members.ts';
import type { Seat } from './seat.ts';

/** A link that goes around must not fill the hosts' lists without end. */
const MAX_WAITING = 200;

export interface Waiting {
  seat: Seat;
  socket: RoomSocket;
}

/**
 * Who waits to be admitted, in all sessions. It outlives rooms: people may wait before anybody is there to admit them.
 * Nobody is in it who is not connected; whoever comes back knocks again.
 */
export class Lobbies {
  readonly #bySession = new Map<SessionId, Map<ParticipantId, Waiting>>();
  readonly #onChanged: (sessionId: SessionId) => void;

  /** @param onChanged somebody came or went */
  constructor(onChanged: (sessionId: SessionId) => void) {
    this.#onChanged = onChanged;
  }

  /** How many wait. */
  get size(): number {
    return [...this.#bySession.values()].reduce((sum, waiting) => sum + waiting.size, 0);
  }

  /** @throws `session_full` */
  wait(seat: Seat, socket: RoomSocket): void {
    const { sessionId, participantId } = seat;
    const waiting = this.#bySession.get(sessionId) ?? new Map<ParticipantId, Waiting>();
    const before = waiting.get(participantId);
    if (before === undefined && waiting.size >= MAX_WAITING) throw errors.sessionFull();
    if (before !== undefined && before.socket !== socket) {
      before.socket.emit('dismissed', errors.replacedByNewerTab().toBody());
      before.socket.close();
    }
    waiting.set(participantId, { seat, socket });
    this.#bySession.set(sessionId, waiting);
    this.#onChanged(sessionId);
  }

  /** Their connection is gone, or they do not want to wait any longer. */
  left({ sessionId, participantId }: Seat, socket: RoomSocket): void {
    if (this.#bySession.get(sessionId)?.get(participantId)?.socket === socket)
      this.take(sessionId, [participantId]);
  }

  /** In the order in which they came. */
  of(sessionId: SessionId): WaitingView[] {
    return [...(this.#bySession.get(sessionId)?.values() ?? [])].map(({ seat }) => {
      const { participantId, displayName, role } = seat;
      return { participantId, displayName, role };
    });
  }

  /** Those of them who wait, who from now on do not. */
  take(sessionId: SessionId, participantIds: readonly ParticipantId[]): Waiting[] {
    const waiting = this.#bySession.get(sessionId);
    if (waiting === undefined) return [];
    const taken = participantIds.flatMap(id => {
      const found = waiting.get(id);
      return found !== undefined && waiting.delete(id) ? [found] : [];
    });
    if (waiting.size === 0) this.#bySession.delete(sessionId);
    if (taken.length > 0) this.#onChanged(sessionId);
    return taken;
  }

  /** Those who wait are told whether anybody is there who could admit them. */
  tell(sessionId: SessionId, hostIsHere: boolean): void {
    for (const { socket } of this.#bySession.get(sessionId)?.values() ?? [])
      socket.emit('hostPresenceChanged', { hostIsHere });
  }
}
