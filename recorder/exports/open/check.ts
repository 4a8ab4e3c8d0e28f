import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { FIRST_HASH, hashOfEntry } from '@cratersync/db';
import {
  organizationId as asOrganizationId,
  recordingId as asRecordingId,
  sessionId as asSessionId,
  errors,
  type OrganizationId,
  rest,
} from '@cratersync/signaling/protocol';
import type { KeyContext } from '../../keys/index.ts';
import { unwrap } from '../../keys/wrap.ts';
import { openRecording } from '../../reader.ts';
import { ObjectMissing, type ObjectStore } from '../../store/index.ts';
import { verifyRecording } from '../../verify.ts';
import { type ExportManifest, exportManifest, MANIFEST_PATH } from '../manifest.ts';
import { exportedKeyContext } from '../recording-files.ts';
import type { ExtractedFile } from './extract.ts';
import { ExportRefused } from './refused.ts';

/** Reads the manifest, and holds every file against it. */
export async function checkFiles(
  folder: string,
  files: ReadonlyMap<string, ExtractedFile>,
): Promise<ExportManifest> {
  if (!files.has(MANIFEST_PATH))
    throw new ExportRefused('There is no manifest in it: it is no export of CraterSync.');
  const manifest = await readManifest(join(folder, MANIFEST_PATH));
  const listed = new Set([MANIFEST_PATH]);
  for (const { path, bytes, sha256, void: reason } of manifest.files) {
    const found = files.get(path);
    if (found === undefined) throw new ExportRefused(`${path} is in the manifest, but not in the export.`);
    if (found.bytes !== bytes || (found.sha256 !== sha256 && reason === undefined))
      throw new ExportRefused(`${path} is not what the manifest says.`);
    listed.add(path);
  }
  for (const path of files.keys())
    if (!listed.has(path)) throw new ExportRefused(`${path} is in the export, but not in the manifest.`);
  return manifest;
}

async function readManifest(path: string): Promise<ExportManifest> {
  try {
    return exportManifest.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new ExportRefused('Its manifest cannot be read: it is of a later version, or damaged.', {
      cause: error,
    });
  }
}

/** Computes the chain of the audit log anew. @returns how many entries it has */
export async function checkAudit(folder: string, { audit, organizationId }: ExportManifest): Promise<number> {
  if (audit === undefined || organizationId === undefined) return 0;
  const owner = asOrganizationId.parse(organizationId);
  let head = FIRST_HASH;
  let sequence = 0;
  for (const name of (await readdir(join(folder, 'audit'))).sort())
    for await (const line of createInterface({ input: createReadStream(join(folder, 'audit', name)) })) {
      sequence += 1;
      const { hash, entry } = readEntry(line, owner);
      head = hashOfEntry(head, entry);
      if (entry.sequence !== sequence || head.toString('hex') !== hash)
        throw new ExportRefused(`The audit log does not hold from entry ${sequence} on.`);
    }
  if (sequence !== audit.entries || head.toString('hex') !== audit.head)
    throw new ExportRefused('The audit log does not end where the manifest says.');
  return sequence;
}

function readEntry(line: string, organizationId: OrganizationId) {
  const read = rest.auditEntry.safeParse(JSON.parse(line));
  if (!read.success) throw new ExportRefused('The audit log in it cannot be read.');
  const { sequence, at, actorKind, actorId, action, targetKind, targetId, ...more } = read.data;
  const { details, address, requestId, hash } = more;
  const entry = {
    ...{ organizationId, sequence, at: new Date(at), action, details, address, requestId },
    actor: { kind: actorKind, id: actorId } as Parameters<typeof hashOfEntry>[1]['actor'],
    target: { kind: targetKind, id: targetId },
  };
  return { hash, entry };
}

/** Decrypts every chunk of every recording, and holds it against its manifest and Merkle root. @returns how many hold */
export async function checkRecordings(
  folder: string,
  manifest: ExportManifest,
  onRecording: () => void = () => {},
): Promise<number> {
  const { organizationId, wrappingKey } = manifest;
  if (organizationId === undefined || wrappingKey === undefined) return 0;
  const unreadable = new Set(manifest.files.filter(file => file.void !== undefined).map(({ path }) => path));
  const store = storeIn(folder);
  let checked = 0;
  for (const { recordingId: id, sessionId, merkleRoot, wrappedKey = '' } of manifest.recordings) {
    const recordingId = asRecordingId.parse(id);
    const key = unwrap(
      Buffer.from(wrappingKey, 'hex'),
      Buffer.from(wrappedKey, 'base64'),
      exportedKeyContext(id),
    );
    if (key === null) throw new ExportRefused(`The key of recording ${id} does not open.`);
    const keys = { sessionKey: async (_: KeyContext, asked: string) => (asked === id ? key : refuseKey()) };
    const { faults, result } = await verifyRecording({ store, keys, recordingId });
    const fault = faults.find(each => !unreadable.has(each.key));
    if (fault !== undefined || result === 'incomplete')
      throw new ExportRefused(
        `Recording ${id} does not hold: ${fault?.key ?? MANIFEST_PATH}: ${fault?.reason ?? 'missing'}.`,
      );
    const context = {
      organizationId: asOrganizationId.parse(organizationId),
      sessionId: asSessionId.parse(sessionId),
    };
    const reader = await openRecording(store, keys, { ...context, recordingId });
    if (reader.manifest.merkleRoot !== merkleRoot)
      throw new ExportRefused(`Recording ${id} has another Merkle root than the manifest says.`);
    checked += 1;
    onRecording();
  }
  return checked;
}

const refuseKey = (): never => {
  throw errors.erased();
};

/** The folder, as verifying reads a store. */
function storeIn(folder: string): Pick<ObjectStore, 'get' | 'head' | 'list'> {
  const sizeOf = async (key: string) => (await stat(join(folder, key)).catch(() => null))?.size ?? null;
  return {
    async get(key, range): Promise<Readable> {
      if ((await sizeOf(key)) === null) throw new ObjectMissing(key);
      return createReadStream(join(folder, key), range ?? {});
    },
    async head(key) {
      const bytes = await sizeOf(key);
      return bytes === null ? null : { bytes };
    },
    async *list(prefix) {
      const found = await readdir(join(folder, prefix), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      for (const entry of found) {
        if (!entry.isFile()) continue;
        const key = join(entry.parentPath, entry.name).slice(folder.length + 1);
        yield { key, bytes: (await sizeOf(key)) ?? 0 };
      }
    },
  };
}
