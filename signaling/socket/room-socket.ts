import { createHash } from 'node:crypto';
import { type Database, participants, withCapability } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type { Server, Socket } from 'socket.io';
import {
  commandRoles,
  errors,
  type Handlers,
  ROOM_NAMESPACE,
  type RoomCommand,
  roomCommands,
  serve,
  toAppError,
} from '../protocol/index.ts';
import type { RoomSocket } from '../rooms/members.ts';
import type { Room } from '../rooms/room.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Seat } from '../rooms/seat.ts';

/** One connection's place: the seat its credential gave it, and the room once it has joined. */
interface Connection {
  seat: Seat;
  socket: RoomSocket;
  rooms: Rooms;
  room: Room | null;
}

/**
 * The namespace for browsers. The handshake's credential is exchanged for a seat before anything is heard; every
 * command after that is checked against the seat's role and the command's schema.
 */
export function serveRooms(io: Server, options: { db: Database; rooms: Rooms; log: Log }): void {
  const { db, rooms, log } = options;
  const namespace = io.of(ROOM_NAMESPACE);
  namespace.use((socket, next) => {
    seatOf(db, socket.handshake.auth['credential']).then(
      seat => {
        socket.data = seat;
        next();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.blame !== 'caller') log.error({ err: error }, 'a seat could not be looked up');
        next(Object.assign(new Error(error.message), { data: error.toBody() }));
      },
    );
  });
  namespace.on('connection', socket => {
    const connection: Connection = {
      seat: socket.data as Seat,
      socket: roomSocket(socket),
      rooms,
      room: null,
    };
    serve(socket, roomCommands, handlers, {
      context: connection,
      authorize,
      onFault: (error, name) =>
        log.error({ err: error, cause: error.cause, command: name }, 'a command failed'),
    });
    socket.on('disconnect', () => connection.room?.dropped(connection.seat.participantId, connection.socket));
  });
}

async function seatOf(db: Database, credential: unknown): Promise<Seat> {
  if (typeof credential !== 'string' || credential.length > 200) throw errors.credentialInvalid();
  const hash = createHash('sha256').update(credential).digest();
  const seat = await withCapability(db, { kind: 'credential', hash }, tx => participants.bySeat(tx));
  if (seat === null || seat.revoked) throw errors.credentialInvalid();
  return seat;
}

const whatOnlyHostsDo: Partial<Record<RoomCommand, string>> = {
  'recording.start': 'start the recording',
  'recording.stop': 'stop the recording',
};

function authorize(name: RoomCommand, { seat, room }: Connection): void {
  if (!commandRoles[name].includes(seat.role)) throw errors.forbidden(whatOnlyHostsDo[name] ?? 'do that');
  if (room === null && name !== 'join') throw errors.joinFirst();
}

function inside(connection: Connection): Room {
  if (connection.room === null) throw errors.joinFirst();
  return connection.room;
}

const handlers: Handlers<typeof roomCommands, Connection> = {
  join: async ({ resume }, connection) => {
    const room = connection.rooms.enter(connection.seat);
    connection.room = room;
    return room.join(connection.seat, connection.socket, resume);
  },
  'transport.create': ({ direction }, connection) =>
    inside(connection).createTransport(connection.seat, direction),
  'transport.connect': (command, connection) => inside(connection).connectTransport(connection.seat, command),
  'transport.restart-ice': (command, connection) => inside(connection).restartIce(connection.seat, command),
  'producer.open': (command, connection) => inside(connection).openProducer(connection.seat, command),
  'producer.pause': ({ producerId }, connection) =>
    inside(connection).setPaused(connection.seat, producerId, true),
  'producer.resume': ({ producerId }, connection) =>
    inside(connection).setPaused(connection.seat, producerId, false),
  'producer.close': ({ producerId }, connection) =>
    inside(connection).closeProducer(connection.seat, producerId),
  'consumer.open': (command, connection) => inside(connection).openConsumer(connection.seat, command),
  'consumer.resume': ({ consumerId }, connection) =>
    inside(connection).resumeConsumer(connection.seat, consumerId),
  'recording.start': (_, connection) => inside(connection).startRecording(),
  'recording.stop': (_, connection) => inside(connection).stopRecording(),
  leave: async (_, connection) => {
    await inside(connection).leave(connection.seat.participantId);
    connection.room = null;
    return null;
  },
};

const roomSocket = (socket: Socket): RoomSocket => ({
  emit: (event, body) => {
    socket.emit(event, body);
  },
  close: () => {
    socket.disconnect(true);
  },
});
