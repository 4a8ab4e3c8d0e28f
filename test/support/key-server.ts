import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { LoopbackServer } from './loopback-server.ts';

export interface KeyAnswer {
  status: number;
  /** undefined: none */
  body?: unknown;
  /** In its place. */
  xml?: string;
}

/** What the servers that stand in for key services have in common: faults that a test decides. */
export abstract class KeyServer extends LoopbackServer {
  /** How many of the next requests are refused as too many. */
  throttled = 0;
  /** Takes requests and never answers. */
  hangs = false;
  requests = 0;
  /** Called before each answer; throwing, it breaks the connection. */
  onRequest: () => void = () => {};

  constructor() {
    super((request, response) => {
      this.requests += 1;
      if (this.hangs) return;
      text(request).then(
        body => this.#answer(request, body, response),
        () => response.destroy(),
      );
    });
  }

  protected abstract answer(request: IncomingMessage, asked: Record<string, unknown>): KeyAnswer;

  /** What is asked as a form; most take none. */
  protected answerForm(_request: IncomingMessage, _asked: URLSearchParams): KeyAnswer {
    return { status: 415 };
  }

  #answer(request: IncomingMessage, body: string, response: ServerResponse): void {
    try {
      this.onRequest();
    } catch {
      response.destroy();
      return;
    }
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    const answer = isForm
      ? this.answerForm(request, new URLSearchParams(body))
      : this.answer(request, JSON.parse(body || '{}'));
    const { status, body: json, xml } = answer;
    const type = xml === undefined ? (request.headers['content-type'] ?? 'application/json') : 'text/xml';
    response.writeHead(status, { 'content-type': type });
    response.end(xml ?? (json === undefined ? '' : JSON.stringify(json)));
  }

  protected takeThrottle(): boolean {
    if (this.throttled === 0) return false;
    this.throttled -= 1;
    return true;
  }
}
