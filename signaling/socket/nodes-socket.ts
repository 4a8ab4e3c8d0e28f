import { timingSafeEqual } from 'node:crypto';
import type { Log } from '@cratersync/infra/runtime';
import { recorderReports } from '@cratersync/recorder/control';
import { sfuReports } from '@cratersync/sfu/control';
import type { Server, Socket } from 'socket.io';
import { z } from 'zod';
import { NODES_NAMESPACE, type Region, region, serve } from '../protocol/index.ts';
import { type RecorderLink, recorderLink, type SfuLink, sfuLink } from '../rooms/nodes.ts';
import type { Rooms } from '../rooms/rooms.ts';

const handshake = z.object({
  kind: z.enum(['sfu', 'recorder']),
  nodeId: z.string().min(1).max(100),
  secret: z.string(),
  /** Left out by one that serves all. */
  region: region.nullable().default(null),
});
type Handshake = z.output<typeof handshake>;

/** The namespace for media nodes, which know the shared secret. */
export function serveNodes(
  io: Server,
  options: { secrets: readonly string[]; regions: readonly Region[] | null; rooms: Rooms; log: Log },
): void {
  const { regions, rooms, log } = options;
  const namespace = io.of(NODES_NAMESPACE);
  namespace.use((socket, next) => {
    const parsed = handshake.safeParse(socket.handshake.auth);
    if (!parsed.success || !isOneOf(parsed.data.secret, options.secrets)) {
      log.warn({ address: socket.handshake.address }, 'a node with a wrong secret was refused');
      next(new Error('NODE_SECRET differs from signaling’s'));
      return;
    }
    const { nodeId, region: own } = parsed.data;
    if (regions !== null && (own === null || !regions.includes(own))) {
      log.warn({ nodeId, region: own }, 'a node of no region, or another one, was refused');
      next(new Error(`NODE_REGION has to be one of signaling’s REGIONS: ${regions.join(', ')}`));
      return;
    }
    socket.data = parsed.data;
    next();
  });
  namespace.on('connection', socket => {
    const { kind, nodeId, region: own } = socket.data as Handshake;
    const onFault = (error: Error, name: string) =>
      log.error({ err: error, cause: error.cause, nodeId, report: name }, 'a report was not taken');
    if (kind === 'sfu') serveSfu(socket, sfuLink(nodeId, socket, own), rooms, onFault);
    else serveRecorder(socket, recorderLink(nodeId, socket, own), rooms, onFault);
    log.info({ kind, nodeId, region: own }, 'a node dialled in');
  });
}

type OnFault = (error: Error, name: string) => void;

function serveSfu(socket: Socket, link: SfuLink, rooms: Rooms, onFault: OnFault): void {
  serve(
    socket,
    sfuReports,
    {
      announce: ({ rooms: live }) => {
        rooms.sfuAnnounced(link, live);
        return null;
      },
      'transport.changed': ({ sessionId, participantId, transportId, state }) => {
        if (state === 'gone') rooms.find(sessionId)?.transportGone(participantId, transportId);
        return null;
      },
      'tap.layers-changed': ({ sessionId, trackId, ...layers }) => {
        void rooms.find(sessionId)?.recording.layersChanged(trackId, layers);
        return null;
      },
      'rooms.lost': ({ sessionIds }) => {
        for (const sessionId of sessionIds) rooms.find(sessionId)?.mediaLost();
        return null;
      },
    },
    { context: undefined, onFault },
  );
  socket.on('disconnect', () => rooms.sfus.remove(link));
}

function serveRecorder(socket: Socket, link: RecorderLink, rooms: Rooms, onFault: OnFault): void {
  serve(
    socket,
    recorderReports,
    {
      announce: async ({ recordings }) => {
        await rooms.recorderAnnounced(link, recordings);
        return null;
      },
      'recording.changed': report => {
        rooms.recordingChanged(report);
        return null;
      },
      'recording.finalized': async report => {
        await rooms.recordingFinalized(report);
        return null;
      },
      'recordings.progressed': report => {
        rooms.recordingsProgressed(report);
        return null;
      },
      'recording.warned': report => {
        rooms.recordingWarned(report);
        return null;
      },
    },
    { context: undefined, onFault },
  );
  socket.on('disconnect', () => rooms.recorderGone(link));
}

/** All are looked at, whichever it is. */
function isOneOf(given: string, secrets: readonly string[]): boolean {
  const a = Buffer.from(given);
  const same = secrets
    .map(secret => Buffer.from(secret))
    .map(b => a.length === b.length && timingSafeEqual(a, b));
  return same.includes(true);
}
