import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { json } from 'node:stream/consumers';

export interface KeyAnswer {
  status: number;
  /** undefined: none */
  body?: unknown;
}

/** What the servers that stand in for key services have in common: faults that a test decides. */
export abstract class KeyServer {
  readonly #server: Server;
  /** How many of the next requests are refused as too many. */
  throttled = 0;
  /** Takes requests and never answers. */
  hangs = false;
  requests = 0;

  constructor() {
    this.#server = createServer((request, response) => {
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

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the key server does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
