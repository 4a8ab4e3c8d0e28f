import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Database, inOrganization, type Restored, recordings, restoreRecording } from '@cratersync/db';
import { objectKeys } from '@cratersync/recorder/format';
import {
  findStored,
  heldHere,
  lastHolder,
  ownerOf,
  type Recovered,
  recoverFromStore,
  type StoredRecording,
  storedRecordings,
} from '@cratersync/recorder/recover';
import type { ObjectStore } from '@cratersync/recorder/store';
import { errors, type RecordingId } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { readConfig } from '../runtime/index.ts';
import { type Command, exitCodes, type Io } from './command.ts';
import { openAppDatabase } from './database.ts';
import { recordingIdFrom } from './recording-id.ts';
import { openExistingKeys, openExistingStore } from './stored.ts';

export const recover: Command = {
  name: 'recover',
  summary: 'list recordings that are not finished or not in the database; make one whole',
  usage: `Usage: npx cratersync recover [--json]
       npx cratersync recover RECORDING [--force] [--json]

Without a recording: lists what the store has and what is not complete: no manifest, or nothing complete in the
database. With one: rebuilds it from its objects in the store and its key alone. Opens every chunk, writes the manifest
if there is none, and inserts what the database lacks; its stems are then rendered. May be repeated.

A recorder that is alive finishes its recordings by itself, also after a crash: start it, and wait. So recover refuses
while the database says that a recording is under way, and while the journal of this machine's recorder
(RECORDER_DIR, default DATA_DIR/recorder) has it.

  --force  recover all the same: that recorder's disk is lost for good. Whatever only that disk had will never be part
           of the recording, even if the recorder comes back.
  --json   the list: one array of {recordingId, chunks, bytes, manifest, database}; else one object:
           {recordingId, outcome, durationMs, tracks, chunks, endUnknown, faults: [{key, reason}], restored}

DATA_DIR (default ./.data), MASTER_KEY_FILE, S3_* and DATABASE_URL say where everything is.

Ends with 0 when the recording is whole (or nothing is listed), 1 when something of it is damaged or missing, or it was
refused (or something is listed), 2 for wrong usage or configuration, 3 when the store, the key or the database cannot
be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, force: { type: 'boolean', default: false } },
    });
    const recordingId = positionals.length === 0 ? null : recordingIdFrom(positionals);
    const store = await openExistingStore(io.env);
    let db: Database | null = null;
    try {
      db = await openAppDatabase(io.env);
      if (recordingId === null) return await list({ store, db, io }, values.json);
      return await recoverOne({ store, db, io }, recordingId, values);
    } finally {
      await db?.close();
      await store.close();
    }
  },
};

interface Parts {
  store: ObjectStore;
  db: Database;
  io: Io;
}

async function list(parts: Parts, json: boolean): Promise<number> {
  const { store, io } = parts;
  const listed: object[] = [];
  for await (const recording of storedRecordings(store, count => io.progress('objects', count, null))) {
    const { recordingId, chunks, bytes, hasManifest } = recording;
    // Of a recording that never had a chunk or was deleted, the marks of its holders may be left.
    if (chunks.length === 0 && !hasManifest) continue;
    const state = await stateOf(parts, recording);
    if (hasManifest && state === 'complete') continue;
    listed.push({ recordingId, chunks: chunks.length, bytes, manifest: hasManifest, database: state });
    if (json) continue;
    const inStore = `${hasManifest ? 'manifest' : 'no manifest'}, ${chunks.length} chunks, ${bytes} bytes`;
    io.print(`${recordingId}  in the database: ${state}; in the store: ${inStore}`);
  }
  if (json) io.print(JSON.stringify(listed));
  else if (listed.length === 0) io.print('Every recording in the store is complete, and in the database.');
  return listed.length === 0 ? exitCodes.holds : exitCodes.doesNotHold;
}

async function stateOf({ store, db }: Parts, recording: StoredRecording): Promise<string> {
  const owner = await ownerOf(store, recording);
  if (owner === null) return 'unknown';
  const row = await inOrganization(db, owner.organizationId, tx =>
    recordings.byId(tx, recording.recordingId),
  );
  return row?.state ?? 'unknown';
}

async function recoverOne(
  parts: Parts,
  recordingId: RecordingId,
  { force, json }: { force: boolean; json: boolean },
): Promise<number> {
  const { store, db, io } = parts;
  const keys = await openExistingKeys(io.env);
  if (!force) await refuseIfLive(parts, recordingId);
  const onProgress = (done: number, of: number) => io.progress('chunks', done, of);
  const recovered = await recoverFromStore({ store, keys, recordingId, onProgress });
  const restored = await report(db, recovered);
  if (json) io.print(JSON.stringify(summaryOf(recovered, restored)));
  else tell(recovered, restored, io);
  return recovered.faults.length === 0 ? exitCodes.holds : exitCodes.doesNotHold;
}

/** @throws `conflict` when a recorder may still finish it */
async function refuseIfLive(parts: Parts, recordingId: RecordingId): Promise<void> {
  const shape = { DATA_DIR: z.string().default('./.data'), RECORDER_DIR: z.string().optional() };
  const { DATA_DIR, RECORDER_DIR } = readConfig(shape, parts.io.env);
  const journal = RECORDER_DIR ?? join(DATA_DIR, 'recorder');
  const recording = await findStored(parts.store, recordingId);
  if (recording.hasManifest) return;
  if (await heldHere(journal, recordingId))
    throw errors.conflict(
      `The journal of this machine's recorder (${journal}) has this recording, and perhaps more of it than ` +
        'the store. Start the recorder, which finishes it. Only if that can never be: --force.',
    );
  const state = await stateOf(parts, recording);
  if (state === 'unknown' || state === 'complete' || state === 'incomplete') return;
  const recorder = (await lastHolder(parts.store, recording)) ?? 'a recorder';
  throw errors.conflict(
    `This recording is ${state}, says the database: ${recorder} may still have it, and finishes it by itself when it ` +
      'runs. Only if its disk is lost for good: --force.',
  );
}

function report(db: Database, { manifest }: Recovered): Promise<Restored> {
  const { organizationId, sessionId, recordingId, startedAt, durationUs, merkleRoot, tracks } = manifest;
  return inOrganization(db, organizationId, tx =>
    restoreRecording(tx, {
      recordingId,
      sessionId,
      startedAt: new Date(startedAt),
      durationMs: durationUs / 1000,
      manifestKey: objectKeys.manifest(recordingId),
      merkleRoot,
      tracks,
    }),
  );
}

function summaryOf({ manifest, outcome, faults, endUnknown }: Recovered, restored: Restored) {
  const { recordingId, durationUs, tracks } = manifest;
  return {
    recordingId,
    outcome,
    durationMs: durationUs / 1000,
    tracks: tracks.length,
    chunks: tracks.reduce((sum, { chunks }) => sum + chunks.length, 0),
    endUnknown,
    faults,
    restored,
  };
}

function tell(recovered: Recovered, restored: Restored, io: Io): void {
  const { outcome, durationMs, tracks, chunks, endUnknown, faults } = summaryOf(recovered, restored);
  for (const { key, reason } of faults) io.print(`DAMAGED   ${key}: ${reason}`);
  const size = `${tracks} tracks, ${chunks} chunks, ${(durationMs / 1000).toFixed(3)} s`;
  io.print(`store     ${outcome === 'written' ? 'manifest written' : 'the manifest was there'}: ${size}`);
  if (endUnknown) io.print('          when it was stopped is not known; it ends with its last record');
  const made = [
    ...(restored.session ? ['its session'] : []),
    ...(restored.participants > 0 ? [`${restored.participants} people`] : []),
    ...(restored.recording ? ['the recording'] : []),
    ...(restored.stems > 0 ? [`${restored.stems} stems`] : []),
  ];
  const inserted = made.length === 0 ? 'nothing was missing' : `inserted ${made.join(', ')}`;
  io.print(`database  ${inserted}; the recording ${restored.completed ? 'is complete now' : 'was complete'}`);
}
