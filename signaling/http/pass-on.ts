import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { type AppError, errorBody, errors, type Region } from '../protocol/index.ts';
import type { Routes } from './dependencies.ts';

/** What is passed on of the worker's answer to a download. */
const PASSED_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'content-disposition',
  'accept-ranges',
  'etag',
] as const;

/** What goes on where a download was interrupted is no other one; nor are the pieces that a player asks for. */
export const isBeginning = (request: Request): boolean =>
  request.method === 'GET' && /^(bytes=0-)?$/.test(request.headers.range ?? '');

/** Streams the worker's answer through; whoever goes away first ends both. */
export async function passOn(
  worker: Routes['worker'],
  { region, path }: { region: Region | null; path: string },
  request: Request,
  response: Response,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await fetch(worker.urlOf(region) + path, {
    method: request.method,
    headers: {
      authorization: `Bearer ${worker.secret}`,
      'x-request-id': String(response.locals['requestId']),
      ...rangeOf(request),
    },
    signal: gone.signal,
  }).catch((error: unknown) => {
    if (gone.signal.aborted) return null;
    throw errors.unavailable('recorder worker', error);
  });
  if (answer === null) return;
  if (!answer.ok && answer.status !== 416) throw await refused(answer);
  response.status(answer.status);
  for (const name of PASSED_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) response.set(name, value);
  }
  if (answer.body === null) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answer.body), response).catch((error: unknown) => {
    if (!hungUp(error)) throw error;
  });
}

/** What makes an interrupted download go on where it stopped. */
function rangeOf({ headers }: Request): Record<string, string> {
  const { range, 'if-range': ifRange } = headers;
  return {
    ...(range === undefined ? {} : { range }),
    ...(typeof ifRange === 'string' ? { 'if-range': ifRange } : {}),
  };
}

/** The browser went away in the middle, which is its right. */
const hungUp = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'));

async function refused(answer: globalThis.Response): Promise<AppError> {
  const said = errorBody.safeParse(await answer.json().catch(() => null));
  if (said.data?.code === 'key_refused') return errors.keyRefused();
  if (answer.status === 404) return errors.notFound('stem');
  if (answer.status === 410) return errors.erased();
  return errors.unavailable('recorder worker', new Error(`the worker answered ${answer.status}`));
}
