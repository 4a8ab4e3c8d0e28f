import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RenderFormat, StemFormat } from '@cratersync/signaling/protocol';
import { readSealed } from '../stems/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { parseRange } from './range.ts';

const CONTENT_TYPES = {
  wav: 'audio/wav',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
  webm: 'video/webm',
  peaks: 'application/octet-stream',
  thumbs: 'image/jpeg',
  sync: 'application/json',
  mp3: 'audio/mpeg',
  opus: 'audio/ogg',
  cfr: 'video/mp4',
  mix: 'audio/wav',
  'mix-mp3': 'audio/mpeg',
  'mix-m4a': 'audio/mp4',
  grid: 'video/mp4',
} as const satisfies Record<StemFormat | RenderFormat, string>;

/** Any part of it can be read. */
export interface SentFile {
  contentType: string;
  bytes: number;
  /** What it is called when it is saved. */
  fileName: string;
  /** Never the same for other bytes. */
  etag: string;
  /** @param end inclusive */
  read(start: number, end: number): AsyncIterable<Buffer>;
}

/** A file that lies in the store, sealed. */
export function storedFile(
  store: Pick<ObjectStore, 'get'>,
  sessionKey: Uint8Array,
  file: { format: StemFormat | RenderFormat; objectKey: string; bytes: number; fileName: string },
): SentFile {
  const { format, objectKey, bytes, fileName } = file;
  return {
    contentType: CONTENT_TYPES[format],
    bytes,
    fileName,
    // A rendering never changes: its key says which bytes these are.
    etag: objectKey.split('/').at(-1) ?? objectKey,
    read: (start, end) => readSealed(store, objectKey, sessionKey, start, end),
  };
}

/** Something small that was made while it was asked for. */
export function sendMade(
  bytes: Buffer,
  { contentType, fileName }: { contentType: string; fileName: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, {
    'Cache-Control': 'private, no-store',
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Content-Length': bytes.length,
    'Content-Type': contentType,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** One file, or a part of it. */
export async function sendFile(
  { contentType, bytes, fileName, etag: name, read }: SentFile,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const etag = `"${name}"`;
  response.setHeaders(
    new Map([
      ['Accept-Ranges', 'bytes'],
      ['Cache-Control', 'private, no-store'],
      ['Content-Disposition', `attachment; filename="${fileName}"`],
      ['Content-Type', contentType],
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
  await unlessLeft(pipeline(Readable.from(read(start, end), { objectMode: false }), response));
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
