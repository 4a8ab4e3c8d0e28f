import type { Database } from '@cratersync/db';
import type { Log, Metrics } from '@cratersync/infra/runtime';
import proxyAddress from 'proxy-addr';
import type { Server, Socket } from 'socket.io';
import type { PlanLimits } from '../billing/standing.ts';
import { ROOM_NAMESPACE, roomCommands, serve, toAppError } from '../protocol/index.ts';
import { Evictions } from '../rooms/evictions.ts';
import type { RoomSocket } from '../rooms/members.ts';
import { Moderation } from '../rooms/moderation.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { commandLog } from './command-log.ts';
import { Connection, readSeat } from './connection.ts';
import { roomHandlers } from './room-handlers.ts';

/**
 * The namespace for browsers. The handshake's credential is exchanged for a seat before anything is heard; every
 * command after that is checked against the seat's role and the command's schema.
 *
 * @returns what the rest of signaling may do to those who are connected
 */
export function serveRooms(
  io: Server,
  {
    db,
    rooms,
    limits,
    log,
    metrics,
  }: { db: Database; rooms: Rooms; limits: PlanLimits; log: Log; metrics: Metrics },
): { evictions: Evictions; moderation: Moderation } {
  const namespace = io.of(ROOM_NAMESPACE);
  const noted = commandLog({ log, metrics });
  const connected = function* () {
    for (const socket of namespace.sockets.values()) yield socket.data as Connection;
  };
  const evictions = new Evictions({ db, rooms, connected, log });
  const moderation = new Moderation({ db, rooms, evictions, limits });
  rooms.onFound = room => void evictions.sweep(room.organizationId);
  namespace.use((socket, next) => {
    const credential: unknown = socket.handshake.auth['credential'];
    readSeat(db, credential).then(
      seat => {
        socket.data = new Connection(seat, {
          db,
          rooms,
          limits,
          socket: roomSocket(socket),
          credential: String(credential),
          // As Express is told to: our own proxy says who is behind it.
          address: proxyAddress(socket.request, 'loopback'),
          connectionId: socket.id,
        });
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
    const connection = socket.data as Connection;
    serve(socket, roomCommands, roomHandlers(moderation), {
      context: connection,
      authorize: (command, asking) => asking.authorize(command),
      onFault: (error, name) =>
        log.error({ err: error, cause: error.cause, command: name }, 'a command failed'),
      around: noted(socket.id),
    });
    socket.on('disconnect', () => connection.dropped());
  });
  return { evictions, moderation };
}

const roomSocket = (socket: Socket): RoomSocket => ({
  emit: (event, body) => {
    socket.emit(event, body);
  },
  close: () => {
    socket.disconnect(true);
  },
  get isOpen() {
    return socket.connected;
  },
});
