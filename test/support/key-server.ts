import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { LoopbackServer } from './loopback-server.ts';

export interface KeyAnswer {
  status: number;
  /** undefined: none */
  body?: unknown;
}

/** What the servers that stand in for key services have in common: faults that a test decides. */
export abstract class KeyServer extends LoopbackServer {
  /** How many of the next requests are refused as too many. */
  throttled = 0;
  /** Takes requests and never answers. */
  hangs = false;
  requests = 0;

  constructor() {
    super((request, response) => {
      this.requests += 1;
      if (this.hangs) return;
      json(request).then(
        asked => {
          const { status, body } = this.answer(request, asked as Record<string, string>);
          response.writeHead(status, {
            'content-type': request.headers['content-type'] ?? 'application/json',
          });
          response.end(body === undefined ? '' : JSON.stringify(body));
        },
        () => response.destroy(),
      );
    });
  }

  protected abstract answer(request: IncomingMessage, asked: Record<string, unknown>): KeyAnswer;

  protected takeThrottle(): boolean {
    if (this.throttled === 0) return false;
    this.throttled -= 1;
    return true;
  }
}
