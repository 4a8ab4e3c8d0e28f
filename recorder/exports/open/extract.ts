import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { MANIFEST_PATH } from '../manifest.ts';
import { ExportRefused } from './refused.ts';

export interface ExtractedFile {
  bytes: number;
  sha256: string;
}

/** Words of these letters only, none of them beginning with a dot: nothing climbs out, and every system can hold it. */
const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Written at a time. */
const WRITE_BYTES = 2 ** 20;

/**
 * Writes the files of a tar archive below a folder that is empty and ours.
 * @returns what was written, by path; the manifest, which comes last, among it
 * @throws ExportRefused for anything that our exports do not have
 */
export async function extract(
  archive: AsyncIterable<Buffer>,
  folder: string,
): Promise<Map<string, ExtractedFile>> {
  const files = new Map<string, ExtractedFile>();
  const names = new Set<string>();
  const buffer = Buffer.allocUnsafe(WRITE_BYTES);
  const extractor = tar.extract();
  const reading = pipeline(Readable.from(archive, { objectMode: false }), extractor);
  // It is told below, by what the extractor throws.
  reading.catch(() => {});
  try {
    for await (const entry of extractor) {
      const { name, type } = entry.header;
      if (type !== 'file')
        throw new ExportRefused(`${JSON.stringify(name)} in it is no file, but a ${type}.`);
      if (files.has(MANIFEST_PATH))
        throw new ExportRefused('Something stands behind the manifest, which comes last.');
      checkName(name, names);
      files.set(name, await writeFile(join(folder, name), entry as AsyncIterable<Buffer>, buffer));
    }
    await reading;
  } catch (error) {
    if (error instanceof ExportRefused || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    const cause = await reading.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (cause instanceof ExportRefused) throw cause;
    throw new ExportRefused(`What is in it is no whole tar archive (${(error as Error).message}).`);
  }
  return files;
}

/** @param names those before, as a system that ignores capitals knows them, and the folders they lie in with a slash */
function checkName(name: string, names: Set<string>): void {
  const shown = JSON.stringify(name);
  if (!PATH.test(name) || name.length > 255)
    throw new ExportRefused(`${shown} is no name that our exports have: it could lead out of the folder.`);
  const plain = name.toLowerCase();
  const folders = [...plain.matchAll(/\//g)].map(({ index }) => plain.slice(0, index));
  if (names.has(plain) || names.has(`${plain}/`) || folders.some(folder => names.has(folder)))
    throw new ExportRefused(`${shown} is in it twice.`);
  names.add(plain);
  for (const folder of folders) names.add(`${folder}/`);
}

async function writeFile(
  path: string,
  content: AsyncIterable<Buffer>,
  buffer: Buffer,
): Promise<ExtractedFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let bytes = 0;
  await using file = await open(path, 'wx', 0o600);
  for await (const part of gathered(content, buffer)) {
    hash.update(part);
    bytes += part.length;
    await file.writeFile(part);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The same bytes in larger pieces, each of them in the buffer until the next is asked for. */
async function* gathered(pieces: AsyncIterable<Buffer>, buffer: Buffer): AsyncGenerator<Buffer> {
  let filled = 0;
  for await (const piece of pieces)
    for (let rest = piece; rest.length > 0; ) {
      const copied = rest.copy(buffer, filled);
      rest = rest.subarray(copied);
      filled += copied;
      if (filled < buffer.length) break;
      yield buffer;
      filled = 0;
    }
  if (filled > 0) yield buffer.subarray(0, filled);
}
