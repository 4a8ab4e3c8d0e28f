import {
  type Condition,
  errors,
  leaders,
  type ParticipantId,
  type ParticipantView,
  type RoomEvent,
  type RoomEventBody,
  type SessionRole,
  type State,
} from '../protocol/index.ts';
import type { Seat } from './seat.ts';

/** One browser's connection, as the room needs it. */
export interface RoomSocket {
  emit<E extends RoomEvent>(event: E, body: RoomEventBody<E>): void;
  close(): void;
  readonly isOpen: boolean;
}

/** Somebody in the room, connected or expected back. */
export class Member {
  #seat: Seat;
  socket: RoomSocket | null = null;
  state: State<'participant'> = 'joining';
  readonly transports = new Set<string>();
  /** See `ParticipantView`. */
  hand: number | null = null;
  condition: Condition | null = null;
  #grace: NodeJS.Timeout | null = null;

  constructor(seat: Seat) {
    this.#seat = seat;
  }

  get seat(): Seat {
    return this.#seat;
  }

  changeRole(role: SessionRole): void {
    this.#seat = { ...this.#seat, role };
  }

  /** They run the room. */
  get leads(): boolean {
    return leaders.includes(this.#seat.role);
  }

  get view(): ParticipantView {
    const { participantId, displayName, role } = this.seat;
    const { state, hand, condition } = this;
    return { participantId, displayName, role, state, hand, condition };
  }

  /** Runs `whenOver` unless the person is back (or gone for good) within the grace period. */
  expectBack(graceMs: number, whenOver: () => void): void {
    this.stopWaiting();
    this.#grace = setTimeout(whenOver, graceMs).unref();
  }

  stopWaiting(): void {
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#grace = null;
  }
}

/** The people of one room. */
export class Members {
  readonly #byId = new Map<ParticipantId, Member>();

  /** The member of this seat; a name or role that has changed since is taken over. */
  seated(seat: Seat): Member {
    const before = this.#byId.get(seat.participantId);
    const member = new Member(seat);
    if (before !== undefined) {
      before.stopWaiting();
      member.socket = before.socket;
      member.state = before.state;
      member.hand = before.hand;
      for (const id of before.transports) member.transports.add(id);
    }
    this.#byId.set(seat.participantId, member);
    return member;
  }

  get(participantId: ParticipantId): Member | undefined {
    return this.#byId.get(participantId);
  }

  /** @throws `join_first` for whoever is gone, or was sent out */
  present({ participantId }: Seat): Member {
    const member = this.#byId.get(participantId);
    if (member === undefined) throw errors.joinFirst();
    return member;
  }

  remove(participantId: ParticipantId): void {
    this.#byId.get(participantId)?.stopWaiting();
    this.#byId.delete(participantId);
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  tellLeaders<E extends RoomEvent>(event: E, body: RoomEventBody<E>): void {
    for (const member of this.#byId.values()) if (member.leads) member.socket?.emit(event, body);
  }

  tell<E extends RoomEvent>(event: E, body: RoomEventBody<E>, except?: ParticipantId): void {
    for (const member of this.#byId.values())
      if (member.seat.participantId !== except) member.socket?.emit(event, body);
  }
}
