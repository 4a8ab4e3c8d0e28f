import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ExportManifest } from '../manifest.ts';
import { checkAudit, checkFiles, checkRecordings } from './check.ts';
import { decrypted, type Unlock } from './decrypt.ts';
import { extract } from './extract.ts';
import { ExportRefused } from './refused.ts';

export interface OpenedExport {
  /** Where it lies now. */
  folder: string;
  files: number;
  bytes: number;
  /** Whose every chunk was decrypted and held. */
  recordings: number;
  auditEntries: number;
  leftOut: ExportManifest['leftOut'];
  /** What stood in it, but could not be read when it was made; it is not in the folder. */
  dropped: { path: string; reason: string }[];
}

/**
 * Decrypts an export, checks all of it, and puts it into a new folder, which only appears when everything held.
 * @throws ExportRefused; what the file system refuses
 */
export async function openExport(
  path: string,
  unlock: Unlock,
  { to, onBytes = () => {} }: { to: string; onBytes?: (bytes: number) => void },
): Promise<OpenedExport> {
  const folder = resolve(to);
  if (existsSync(folder)) throw new ExportRefused(`${to} is there already. Name a folder that is not.`);
  const unfinished = `${folder}.unfinished-${randomUUID().slice(0, 8)}`;
  await mkdir(unfinished, { mode: 0o700 });
  try {
    const files = await extract(decrypted(counted(path, onBytes), unlock), unfinished);
    const manifest = await checkFiles(unfinished, files);
    const auditEntries = await checkAudit(unfinished, manifest);
    const recordings = await checkRecordings(unfinished, manifest);
    const dropped = [];
    for (const { path: name, void: reason } of manifest.files) {
      if (reason === undefined) continue;
      await rm(join(unfinished, name));
      dropped.push({ path: name, reason });
    }
    await rename(unfinished, folder);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes, 0);
    const kept = files.size - dropped.length;
    return { folder, files: kept, bytes, recordings, auditEntries, leftOut: manifest.leftOut, dropped };
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function* counted(path: string, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    onBytes(bytes);
    yield part;
  }
}
