import { z } from 'zod';
import { type AppError, errorBody } from './app-error.ts';
import * as errors from './errors.ts';
import { toAppError } from './to-app-error.ts';

/**
 * Typed requests with acknowledgement over any socket.io-like socket, in either direction. A table of
 * procedures states each request's and response's schema; both ends take their types from it, and the
 * answering end parses what arrives before a handler sees it.
 */
export type Procedures = Record<string, { request: z.ZodType; response: z.ZodType }>;

export type Request<P extends Procedures, K extends keyof P> = z.output<P[K]['request']>;
/** What the asking end writes: a request before it is parsed. */
export type Sent<P extends Procedures, K extends keyof P> = z.input<P[K]['request']>;
export type Response<P extends Procedures, K extends keyof P> = z.output<P[K]['response']>;

/** One handler for every procedure: a missing one does not compile. */
export type Handlers<P extends Procedures, Context = void> = {
  [K in keyof P]: (
    request: Request<P, K>,
    context: Context,
  ) => Promise<z.input<P[K]['response']>> | z.input<P[K]['response']>;
};

const answer = z.union([z.object({ ok: z.unknown() }), z.object({ error: errorBody })]);
export type Answer = z.input<typeof answer>;

export type Around = (
  asked: { name: string; carried: unknown },
  work: () => Promise<Answer>,
) => Promise<Answer>;

interface Answering {
  onAny(listener: (event: string, ...args: unknown[]) => void): unknown;
}
interface Asking {
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> };
}

/**
 * Answers every request that arrives on `socket`. Unknown names, wrong shapes and thrown errors are
 * answered with an error body; `onFault` hears of those that are our own fault.
 *
 * @param authorize runs after parsing and before the handler; it throws to refuse.
 * @param around runs each request, and may look at how it ends. `name` is one of the table, or `unknown`; `carried` is what
 * the asking end has sent along, which may be anything.
 */
export function serve<P extends Procedures, Context>(
  socket: Answering,
  procedures: P,
  handlers: Handlers<P, Context>,
  options: {
    context: Context;
    authorize?: (name: keyof P & string, context: Context) => void;
    onFault: (error: AppError, name: string) => void;
    around?: Around;
  },
): void {
  const run = async (name: string, body: unknown): Promise<Answer> => {
    try {
      if (!Object.hasOwn(procedures, name)) throw errors.unknownCommand(name.slice(0, 60));
      const procedure = procedures[name];
      if (procedure === undefined) throw errors.unknownCommand(name.slice(0, 60));
      const request = procedure.request.parse(body) as Request<P, typeof name>;
      options.authorize?.(name, options.context);
      return { ok: (await handlers[name as keyof P](request, options.context)) ?? null };
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.blame !== 'caller') options.onFault(error, name);
      return { error: error.toBody() };
    }
  };
  socket.onAny((name, ...args) => {
    // Whoever speaks socket.io by hand can name an event by a number.
    const event = String(name);
    const reply = args.at(-1);
    const body = typeof reply === 'function' ? args[0] : undefined;
    // A message without an acknowledgement has nobody to tell of an error; every request of ours has one.
    if (typeof reply !== 'function') return;
    const work = () => run(event, body === reply ? {} : body);
    const asked = {
      name: Object.hasOwn(procedures, event) ? event : 'unknown',
      carried: args.length > 2 ? args[1] : undefined,
    };
    void (options.around?.(asked, work) ?? work()).then(result => reply(result));
  });
}

/**
 * Sends one request and waits for its answer.
 * @param carried is sent along beside the request, for the other end's `around`
 * @throws AppError the other end's own error; `timed_out` when it does not answer within `timeoutMs`.
 */
export async function call<P extends Procedures, K extends keyof P & string>(
  socket: Asking,
  procedures: P,
  name: K,
  request: Sent<P, K>,
  timeoutMs = 10_000,
  carried?: string,
): Promise<Response<P, K>> {
  let received: unknown;
  try {
    received = await socket
      .timeout(timeoutMs)
      .emitWithAck(name, request, ...(carried === undefined ? [] : [carried]));
  } catch {
    throw errors.timedOut(`“${name}”`);
  }
  const result = answer.parse(received);
  if ('error' in result) throw errors.remote(result.error);
  const procedure = procedures[name];
  if (procedure === undefined) throw errors.unknownCommand(name);
  return procedure.response.parse(result.ok) as Response<P, K>;
}
