import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readSealed, type StemRow } from '../stems/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { parseRange } from './range.ts';

const CONTENT_TYPES = { wav: 'audio/wav', flac: 'audio/flac', mp4: 'video/mp4', webm: 'video/webm' } as const;

/** One file of one stem, or a part of it. */
export async function sendFile(
  store: Pick<ObjectStore, 'get'>,
  sessionKey: Uint8Array,
  name: string,
  { format, objectKey, bytes }: StemRow['files'][number],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A rendering never changes: its key says which bytes these are.
  const etag = `"${objectKey.split('/').at(-1)}"`;
  response.setHeaders(
    new Map([
      ['Accept-Ranges', 'bytes'],
      ['Cache-Control', 'private, no-store'],
      ['Content-Disposition', `attachment; filename="${name}.${format}"`],
      ['Content-Type', CONTENT_TYPES[format]],
      ['ETag', etag],
      ['X-Content-Type-Options', 'nosniff'],
    ]),
  );
  const ifRange = request.headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, bytes) : null;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${bytes}`, 'Content-Length': 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range !== null) response.setHeader('Content-Range', `bytes ${start}-${end}/${bytes}`);
  response.setHeader('Content-Length', end - start + 1);
  response.statusCode = range === null ? 200 : 206;
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await unlessLeft(pipeline(Readable.from(readSealed(store, objectKey, sessionKey, start, end)), response));
}

/** Somebody who stops a download is not an error. */
export async function unlessLeft(sending: Promise<void>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error;
  }
}
