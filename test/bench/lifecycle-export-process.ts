// lifecycle-export-process.ts JOB: writes or opens one export, in a process of its own, so that what it costs can be told. The
// last line it prints is JSON.
import { readFileSync } from 'node:fs';
import { openDatabase } from '@cratersync/db';
import { createLog, Sealer } from '@cratersync/infra/runtime';
import { type ExportPlace, writeExport } from '@cratersync/recorder/exports';
import { openExport } from '@cratersync/recorder/exports/open';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';

export type ExportJob =
  | { kind: 'write'; dataDir: string; databaseUrl: string; sealingKey: string; place: ExportPlace }
  | { kind: 'open'; file: string; identity: string; to: string };

const job: ExportJob = JSON.parse(process.argv[2] ?? '');
const startMs = performance.now();
if (job.kind === 'open') await openExport(job.file, { identities: [job.identity] }, { to: job.to });
else await write(job);
const seconds = (performance.now() - startMs) / 1000;
// The most that this process has held at once, by the kernel's account.
const peakRssMb = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
console.log(JSON.stringify({ seconds, peakRssMb }));

async function write({
  dataDir,
  databaseUrl,
  sealingKey,
  place,
}: ExportJob & { kind: 'write' }): Promise<void> {
  const log = createLog('bench', 'silent');
  const db = openDatabase({ url: databaseUrl, log });
  const [store, keys] = [await openStore({ DATA_DIR: dataDir }), await openKeys({ DATA_DIR: dataDir })];
  const options = { db, store, keys, sealer: new Sealer(sealingKey), log };
  await writeExport(options, place, { signal: new AbortController().signal, lastAttempt: true });
  await store.close();
  await db.close();
}
