import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { NODES_PATH } from '../protocol/index.ts';

/** A browser's largest honest message is its RTP capabilities, a few KiB. */
const MAX_BROWSER_MESSAGE_BYTES = 64 * 1024;
const MAX_NODE_MESSAGE_BYTES = 16 * 1024 * 1024;

/** The two engines on one HTTP server: for browsers, and for media nodes, whose announcements are larger. */
export function socketServers(http: HttpServer, publicUrl: string): { browsers: Server; nodes: Server } {
  const origin = new URL(publicUrl).origin;
  const browsers = new Server(http, {
    maxHttpBufferSize: MAX_BROWSER_MESSAGE_BYTES,
    serveClient: false,
    // A laptop that is shut, or has lost its network, says nothing: the others see within this time that it is away.
    pingInterval: 5_000,
    pingTimeout: 8_000,
    // Both transports: a page of another site may not speak for somebody who is here.
    allowRequest: (request, decide) =>
      decide(null, request.headers.origin === undefined || request.headers.origin === origin),
  });
  const nodes = new Server(http, {
    path: NODES_PATH,
    maxHttpBufferSize: MAX_NODE_MESSAGE_BYTES,
    serveClient: false,
    transports: ['websocket'],
    // A machine that is gone says nothing: others take over what it did, and must not wait for a minute.
    pingInterval: 2_000,
    pingTimeout: 4_000,
  });
  return { browsers, nodes };
}
