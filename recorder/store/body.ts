import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { type Body, BodyDamaged } from './object-store.ts';

export const bytesOf = (body: Body) => (body instanceof Uint8Array ? body.length : body.bytes);

/**
 * The body in parts of `partBytes`, the last one shorter. For a file ends with BodyDamaged instead when the whole does not
 * have the given hash: so commit what was written only after the last part.
 *
 * @param buffer of `partBytes`: files are read into it again and again, by whoever is done with a part before asking for
 * the next
 */
export async function* checkedParts(
  key: string,
  body: Body,
  sha256Hex: string,
  partBytes: number,
  buffer?: Buffer,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) return yield* slices(body, partBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of fileParts(body.path, partBytes, buffer)) {
    hash.update(part);
    bytes += part.length;
    yield part;
  }
  if (bytes !== body.bytes || hash.digest('hex') !== sha256Hex) throw new BodyDamaged(key);
}

function* slices(body: Uint8Array, partBytes: number): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += partBytes) yield body.subarray(start, start + partBytes);
}

async function* fileParts(path: string, partBytes: number, buffer?: Buffer): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  for (;;) {
    const part = await readFully(file, buffer ?? Buffer.allocUnsafe(partBytes));
    if (part.length > 0) yield part;
    if (part.length < partBytes) return;
  }
}

async function readFully(file: FileHandle, buffer: Buffer): Promise<Buffer> {
  const wanted = buffer.length;
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await file.read(buffer, filled, wanted - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** @returns hex */
export async function sha256Of(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of stream as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest('hex');
}

/** The same stream, failing with `explain`ed errors. Closing it closes the source. */
export function explained(source: Readable, explain: (error: unknown) => unknown): Readable {
  const outer = new PassThrough();
  source.on('error', error => outer.destroy(explain(error) as Error));
  outer.on('close', () => source.destroy());
  return source.pipe(outer);
}
