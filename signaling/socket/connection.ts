import { createHash } from 'node:crypto';
import { type Database, participants, withCapability } from '@cratersync/db';
import type { Asked } from '../audit/asked.ts';
import type { PlanLimits } from '../billing/standing.ts';
import {
  type AppError,
  commandRoles,
  errors,
  type LobbyView,
  type RoomCommand,
  type RoomView,
  type SessionRole,
} from '../protocol/index.ts';
import { wayIn, whyEnded } from '../rooms/door.ts';
import type { Connected } from '../rooms/evictions.ts';
import type { RoomSocket } from '../rooms/members.ts';
import type { Acting } from '../rooms/moderation.ts';
import type { Coming, Room } from '../rooms/room.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Seat } from '../rooms/seat.ts';

interface Around {
  db: Database;
  rooms: Rooms;
  limits: PlanLimits;
  socket: RoomSocket;
  credential: string;
  /** The far end, and what tells this connection from others in the audit log. */
  address: string;
  connectionId: string;
}

/**
 * One browser's connection: the seat that its credential gave it, and where it is.
 *
 * - outside: it has not joined yet, or has left
 * - lobby: it waits to be admitted, and is told nothing of the room
 * - room: it takes part
 */
export class Connection implements Connected {
  readonly #around: Around;
  #seat: Seat;
  #place: 'outside' | 'lobby' | Room = 'outside';

  constructor(seat: Seat, around: Around) {
    this.#seat = seat;
    this.#around = around;
  }

  get organizationId() {
    return this.#seat.organizationId;
  }

  get participantId() {
    return this.#seat.participantId;
  }

  /** As it is now: a role may have changed since the connection was made. */
  get seat(): Seat {
    const place = this.#place;
    return (typeof place === 'string' ? undefined : place.seatOf(this.participantId)) ?? this.#seat;
  }

  get acting(): Acting {
    const { seat, asked } = this;
    return { seat, asked };
  }

  get asked(): Asked {
    const { accountId, participantId } = this.#seat;
    const { address, connectionId: requestId } = this.#around;
    const actor =
      accountId === null
        ? ({ kind: 'participant', id: participantId } as const)
        : ({ kind: 'account', id: accountId } as const);
    return { actor, address, requestId };
  }

  /** @throws `wait_for_host`, `join_first` */
  get room(): Room {
    if (this.#place === 'lobby') throw errors.waitForHost();
    if (this.#place === 'outside') throw errors.joinFirst();
    return this.#place;
  }

  /** @throws `forbidden`, `wait_for_host`, `join_first` */
  authorize(command: RoomCommand): void {
    const { role } = this.seat;
    if (!commandRoles[command].includes(role)) throw refusal(command);
    if (command === 'join' || (command === 'leave' && this.#place === 'lobby')) return;
    // Throws unless it is inside.
    void this.room;
  }

  /** @throws as `wayIn` does, and when the room cannot be opened */
  async join(resume: string[]): Promise<RoomView | LobbyView> {
    const { people } = await this.#around.limits.now(this.#around.db, this.organizationId);
    // Read anew: much may have happened since the connection was made. (Evictions stand on this.)
    let seat = await this.#read();
    if (this.#wayIn(seat) === 'wait') {
      const waiting = await this.#wait(seat);
      if (waiting !== null) return waiting;
      seat = await this.#read();
    }
    return this.#enter(seat, { resume, people });
  }

  /** @returns null when there is nothing to wait for any more */
  async #wait(seat: participants.Seat): Promise<LobbyView | null> {
    const { rooms, socket } = this.#around;
    rooms.lobbies.wait(seat, socket);
    try {
      // The lobby may have been switched off, or the session ended, just before this one was in it.
      if (this.#wayIn(await this.#read()) === 'enter') return null;
    } catch (error) {
      rooms.lobbies.left(seat, socket);
      throw error;
    }
    this.#place = 'lobby';
    const hostIsHere = rooms.find(seat.sessionId)?.entrance.hostIsHere ?? false;
    return { waiting: true, title: seat.sessionTitle, hostIsHere };
  }

  async #enter(seat: participants.Seat, how: Coming): Promise<RoomView> {
    const { rooms, socket } = this.#around;
    rooms.lobbies.left(seat, socket);
    const room = rooms.enter(seat);
    const before = this.#place;
    // Already now: whoever is coming back after a restart may ask for things at once.
    this.#place = room;
    const view = await room.join(seat, socket, how).catch((error: unknown) => {
      if (this.#place === room) this.#place = before;
      throw error;
    });
    rooms.noteEntered(seat);
    // They have left while they came in.
    if (this.#place !== room) await room.leave(seat.participantId);
    return view;
  }

  async #read(): Promise<participants.Seat> {
    const { db, credential, socket } = this.#around;
    const seat = await readSeat(db, credential);
    if (!socket.isOpen) throw errors.joinFirst();
    this.#seat = seat;
    return seat;
  }

  /** That somebody was inside is written down after they came in. */
  #wayIn(seat: participants.Seat): 'enter' | 'wait' {
    const inside = this.#around.rooms.find(seat.sessionId)?.seatOf(seat.participantId) !== undefined;
    return wayIn({ ...seat, admitted: seat.admitted || inside });
  }

  async leave(): Promise<null> {
    const place = this.#place;
    this.#place = 'outside';
    if (place === 'lobby') this.#around.rooms.lobbies.left(this.#seat, this.#around.socket);
    else if (place !== 'outside') await place.leave(this.participantId);
    return null;
  }

  /** The socket is gone. */
  dropped(): void {
    const { rooms, socket } = this.#around;
    rooms.lobbies.left(this.#seat, socket);
    // Wherever it was: it may just have been coming in.
    rooms.find(this.#seat.sessionId)?.dropped(this.participantId, socket);
  }

  dismiss(error: AppError): void {
    this.#around.socket.emit('dismissed', error.toBody());
    this.#around.socket.close();
  }
}

/** @throws `credential_invalid` for one that is nobody's; what ended it for one that was somebody's */
export async function readSeat(db: Database, credential: unknown): Promise<participants.Seat> {
  if (typeof credential !== 'string' || credential.length > 200) throw errors.credentialInvalid();
  const hash = createHash('sha256').update(credential).digest();
  const seat = await withCapability(db, { kind: 'credential', hash }, tx => participants.bySeat(tx));
  if (seat === null) throw errors.credentialInvalid();
  const ended = whyEnded(seat);
  if (ended !== null) throw ended;
  return seat;
}

const whatLeadersDo: Partial<Record<RoomCommand, string>> = {
  'recording.start': 'start the recording',
  'recording.check': 'try whether it can be recorded',
  'recording.call-off': 'call the recording off',
  'recording.stop': 'stop the recording',
  'recording.pause': 'pause the recording',
  'recording.resume': 'resume the recording',
  'person.lower-hand': 'lower somebody’s hand',
  'person.mute': 'mute somebody',
  'person.remove': 'remove somebody',
  'person.set-role': 'change what somebody is',
  'lobby.admit': 'let people in',
  'lobby.deny': 'turn people away',
  'session.configure': 'change how people come in',
  'session.end': 'end the session for everybody',
};

const whoMay: Record<SessionRole, string> = {
  host: 'the host',
  'co-host': 'a host or co-host',
  guest: 'somebody who is recorded',
  producer: 'somebody who is here',
};

/** In words: the least that one must be. Roles stand in their table the mightiest first. */
function refusal(command: RoomCommand): AppError {
  const least = commandRoles[command].at(-1) ?? 'host';
  return errors.forbidden(whoMay[least], whatLeadersDo[command] ?? 'send sound or pictures');
}
