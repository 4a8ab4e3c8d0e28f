import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { FormatError } from '@cratersync/recorder/format';
import { type Inspection, inspectObject, type RecordCounts } from '@cratersync/recorder/inspect';
import { KeysUnavailable } from '@cratersync/recorder/keys';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';
import { openExistingKeys, openExistingStore } from './stored.ts';

/** Chunks have at most 8 MiB, manifests less; all of it is in memory. */
const MAX_BYTES = 256 * 2 ** 20;

export const inspect: Command = {
  name: 'inspect',
  summary: 'say what one stored object is, and whether it is whole',
  usage: `Usage: npx cratersync inspect CHUNK [--json]

CHUNK is a key in the store (recordings/…), or a file. Shows its header and frames; with its recording's key in
DATA_DIR/keys also counts and times of its records. Shows no media and no secret. Manifests and stems can be inspected
too. DATA_DIR (default ./.data), MASTER_KEY_FILE and S3_* say where store and keys are.

  --json   one object: {object, bytes, sha256, purpose, organizationId, sessionId, recordingId, trackId, epoch,
           sequence, startUs, previousHash, frames: [{index, bytes, final, records}], fault, keyMissing, records}

Ends with 0 when every frame holds, 1 when it is torn, damaged, missing or no object of ours, 2 for wrong usage or
configuration, 3 when the store cannot be reached, or the key: then frames are shown, but nothing is proven.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [object] = positionals;
    if (object === undefined || positionals.length !== 1)
      throw new UsageError('Which object? Give its key, or a file.');
    const bytes = await read(object, io);
    if (bytes === null) {
      io.complain(`There is no ${object}, neither in the store nor as a file.`);
      return exitCodes.doesNotHold;
    }
    return report(object, bytes, values.json, io);
  },
};

async function report(object: string, bytes: Buffer, json: boolean, io: Io): Promise<number> {
  const keys = await openExistingKeys(io.env).catch((error: unknown) => {
    if (error instanceof KeysUnavailable) return error.message;
    throw error;
  });
  let inspection: Inspection;
  try {
    inspection = await inspectObject(bytes, typeof keys === 'string' ? null : keys);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    io.complain(`${object} is no object of CraterSync's: ${error.message}.`);
    return exitCodes.doesNotHold;
  }
  if (typeof keys === 'string') inspection.keyMissing = keys;
  if (json) io.print(JSON.stringify({ object, ...inspection }));
  else tell(object, inspection, io);
  if (inspection.fault !== null) return exitCodes.doesNotHold;
  return inspection.keyMissing === null ? exitCodes.holds : exitCodes.unknown;
}

/** A file where there is one of that name, or else the object. @returns null when there is neither */
async function read(object: string, io: Io): Promise<Buffer | null> {
  if (existsSync(object)) {
    const bytes = await readFile(object).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${object} cannot be read (${error.code}).`);
    });
    return bytes;
  }
  // Anything else is a path, and not there.
  if (!/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/.test(object)) return null;
  const store = await openExistingStore(io.env);
  try {
    const there = await store.head(object);
    if (there === null) return null;
    if (there.bytes > MAX_BYTES)
      throw new UsageError(`${object} has ${there.bytes} bytes; inspect takes ${MAX_BYTES}.`);
    return await buffer(await store.get(object));
  } finally {
    await store.close();
  }
}

function tell(object: string, found: Inspection, io: Io): void {
  const { purpose, frames, records, fault, keyMissing } = found;
  const isFirst = /^0+$/.test(found.previousHash);
  const rows = {
    [purpose]: object,
    organization: found.organizationId,
    session: found.sessionId,
    recording: found.recordingId,
    ...(purpose === 'manifest' ? {} : { [purpose === 'stem' ? 'stem id' : 'track']: found.trackId }),
    place: `epoch ${found.epoch}, sequence ${found.sequence}, from ${seconds(found.startUs)}`,
    ...(purpose === 'chunk'
      ? { follows: isFirst ? 'nothing: the first of its track' : found.previousHash }
      : {}),
    size: `${found.bytes} bytes in ${frames.length} frames`,
    'SHA-256': found.sha256,
  };
  for (const [name, value] of Object.entries(rows)) io.print(`${name.padEnd(12)}  ${value}`);
  io.print('');
  io.print('  frame    bytes  final  records');
  for (const frame of frames) {
    const { index, bytes, final } = frame;
    const columns = [String(index).padStart(7), String(bytes).padStart(7), (final ? 'final' : '').padEnd(5)];
    io.print(`${columns.join('  ')}  ${frame.records === null ? '' : describe(frame.records)}`.trimEnd());
  }
  io.print('');
  if (records !== null) io.print(`Records: ${describe(records)}.`);
  if (fault !== null) io.print(`DAMAGED: ${fault}.`);
  else if (keyMissing !== null) io.print(`Not torn, but not opened: ${keyMissing}`);
  else io.print('Every frame holds.');
}

function describe({ packets, senderReports, events, firstUs, lastUs }: RecordCounts): string {
  const parts = [`${packets} packets`, `${senderReports} Sender Reports`];
  for (const [kind, count] of Object.entries(events)) parts.push(`${count} ${kind}`);
  if (firstUs === null || lastUs === null) return 'none';
  return `${parts.join(', ')}; ${seconds(firstUs)} to ${seconds(lastUs)}`;
}

const seconds = (us: number) => `${(us / 1e6).toFixed(3)} s`;
