import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * What becomes of a request: it passes; the connection is refused; the server says that it is overloaded; or the server
 * does it, and its answer is lost with the connection.
 */
export type Fate = 'pass' | 'refuse' | 'overload' | 'lose-answer';

export interface Asked {
  method: string;
  path: string;
  /** Counts all requests, from 1. */
  count: number;
}

const OVERLOADED = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>slower</Message></Error>';

/** An HTTP proxy in front of an S3 server on loopback, whose faults a test decides. Signatures stay valid. */
export class HttpProxy {
  /** Asked when a request has come whole; it may take its time. */
  fate: (asked: Asked) => Fate | Promise<Fate> = () => 'pass';
  /** Told of every answer of the server, whether it reaches the client or not. */
  onAnswer: (asked: Asked, status: number) => void = () => {};
  readonly #server: Server;
  readonly #target: URL;
  #requests = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((asked, answer) => {
      // A client that gives up takes its connection with it.
      this.#handle(asked, answer).catch(() => answer.destroy());
    });
  }

  /** @param url the server's; the proxy's own is `url` */
  static async open(url: string): Promise<HttpProxy> {
    const proxy = new HttpProxy(new URL(url));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = asked;
    this.#requests += 1;
    const count = this.#requests;
    const body = await buffer(asked);
    const fate = await this.fate({ method, path, count });
    if (fate === 'refuse') {
      answer.destroy();
      return;
    }
    if (fate === 'overload') {
      answer.writeHead(503, { 'Content-Type': 'application/xml' });
      answer.end(method === 'HEAD' ? undefined : OVERLOADED);
      return;
    }
    const upstream = await this.#pass(asked, body);
    this.onAnswer({ method, path, count }, upstream.statusCode ?? 0);
    if (fate === 'lose-answer') {
      await buffer(upstream);
      answer.destroy();
      return;
    }
    answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
    upstream.pipe(answer);
  }

  async #pass(asked: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { method, url: path, headers } = asked;
    const { expect, ...passed } = headers;
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path, headers: passed, agent: false });
    const answered = once(onward, 'response');
    onward.end(body);
    const [response] = (await answered) as [IncomingMessage];
    return response;
  }
}
