import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const attribute = z.object({ key: z.string(), value: z.looseObject({ stringValue: z.string().optional() }) });
const body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              attributes: z.array(attribute),
            }),
          ),
        }),
      ),
    }),
  ),
});

export interface ReceivedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
}

/** Takes traces by OTLP over HTTP, in JSON, as a collector does. */
export class TraceReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[] = [];
  /** Bodies as they came. */
  readonly bodies: string[] = [];
  readonly #close: () => void;
  #heard: () => void = () => {};

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  static async start(): Promise<TraceReceiver> {
    const server = createServer((request, response) => {
      json(request).then(
        received => {
          if (request.url === '/v1/traces') receiver.#take(received);
          response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
        },
        () => response.writeHead(400).end(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const receiver = new TraceReceiver(`http://127.0.0.1:${port}`, () => {
      server.close();
      server.closeAllConnections();
    });
    return receiver;
  }

  /** Resolves with the first span of that name. */
  async span(name: string): Promise<ReceivedSpan> {
    for (;;) {
      const found = this.spans.find(span => span.name === name);
      if (found !== undefined) return found;
      await new Promise<void>(resolve => {
        this.#heard = resolve;
      });
    }
  }

  close(): void {
    this.#close();
  }

  #take(received: unknown): void {
    this.bodies.push(JSON.stringify(received));
    for (const { resource, scopeSpans } of body.parse(received).resourceSpans) {
      const named = resource.attributes.find(({ key }) => key === 'service.name');
      const service = named?.value.stringValue ?? '';
      for (const { spans } of scopeSpans)
        for (const { traceId, spanId, parentSpanId, name } of spans)
          this.spans.push({ service, traceId, spanId, parentSpanId, name });
    }
    this.#heard();
  }
}
