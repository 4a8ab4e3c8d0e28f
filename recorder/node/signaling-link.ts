import { type Log, type Metrics, socketRequests } from '@cratersync/infra/runtime';
import {
  type Around,
  call,
  NODES_NAMESPACE,
  NODES_PATH,
  type Region,
  serve,
} from '@cratersync/signaling/protocol';
import { io, type Socket } from 'socket.io-client';
import { recorderProcedures, recorderReports } from '../control.ts';
import type { RecorderNode } from './recorder-node.ts';

export interface SignalingLinkOptions {
  url: string;
  nodeId: string;
  region?: Region | undefined;
  secret: string;
  node: RecorderNode;
  log: Log;
  metrics: Metrics;
}

/** Dials in to signaling, for ever, and announces what is here each time before anything else is said. */
export function joinSignaling(options: SignalingLinkOptions): Socket {
  const { url, nodeId, region, secret, node, log, metrics } = options;
  const socket = io(url + NODES_NAMESPACE, {
    path: NODES_PATH,
    transports: ['websocket'],
    auth: { kind: 'recorder', nodeId, region, secret },
    reconnectionDelay: 200,
    reconnectionDelayMax: 2000,
  });
  const counted = socketRequests(metrics, { trusts: true });
  const around: Around = (asked, work) => counted(asked, work);
  serve(socket, recorderProcedures, node.handlers, {
    context: undefined,
    onFault: (error, name) => log.error({ err: error, request: name }, 'a request failed'),
    around,
  });
  const announce = async () => {
    await call(socket, recorderReports, 'announce', node.announcement());
    node.online((name, body) => call(socket, recorderReports, name, body));
    log.info('joined signaling');
  };
  socket.on('connect', () => {
    announce().catch((error: unknown) => {
      log.error({ err: error }, 'signaling did not take the announcement; trying again');
      socket.disconnect().connect();
    });
  });
  socket.on('disconnect', () => node.offline());
  socket.on('connect_error', error =>
    log.warn({ reason: error.message }, 'signaling is not reachable; trying again'),
  );
  return socket;
}
