import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { LoopbackServer } from './loopback-server.ts';

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
export class HttpProxy extends LoopbackServer {
  /** Asked when a request has come whole; it may take its time. */
  fate: (asked: Asked) => Fate | Promise<Fate> = () => 'pass';
  /** Told of every answer of the server, whether it reaches the client or not. */
  onAnswer: (asked: Asked, status: number) => void = () => {};
  readonly #target: URL;
  #requests = 0;

  private constructor(target: URL) {
    // A client that gives up takes its connection with it.
    super((asked, answer) => void this.#handle(asked, answer).catch(() => answer.destroy()));
    this.#target = target;
  }

  /** @param url the server's; the proxy's own is `url` */
  static open(url: string): Promise<HttpProxy> {
    return new HttpProxy(new URL(url)).listen();
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
