import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExportScene } from '@cratersync/recorder/testing/exports';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import type { Figures } from './figures.ts';
import type { ExportJob } from './lifecycle-export-process.ts';

const run = promisify(execFile);
const MEGABYTE = 1e6;
const STEM_MB = 64;
/** Four times as much shows whether memory grows with it. */
const SIZES_MB = [128, 512];

/** An export of stems, written and opened, beside `tar` and `age` with the same files on the same disk. */
export async function measureExports(figures: Figures): Promise<void> {
  // What makes databases for tests is made for mocha, which has this to clean up after itself.
  const ends: (() => Promise<void>)[] = [];
  Object.assign(globalThis, { after: (end: () => Promise<void>) => ends.push(end) });
  const { ExportScene, noise } = await import('@cratersync/recorder/testing/exports');
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-export-bench-'));
  const identity = await generateIdentity();
  const lock = { recipient: await identityToRecipient(identity), identity };
  try {
    const peaks: { write: number; open: number }[] = [];
    for (const [index, sizeMb] of SIZES_MB.entries()) {
      const scene = await ExportScene.open();
      for (let mb = 0; mb < sizeMb; mb += STEM_MB) await scene.record({ flac: noise(STEM_MB * MEGABYTE) });
      const isLast = index === SIZES_MB.length - 1;
      const told = await measure(scene, join(folder, String(sizeMb)), lock);
      peaks.push({ write: told.write.peakRssMb, open: told.open.peakRssMb });
      if (isLast) report(figures, sizeMb, told);
      await scene.close();
    }
    const [small, large] = peaks;
    const growth = (of: 'write' | 'open') => (large?.[of] ?? 0) - (small?.[of] ?? 0);
    const said = `${SIZES_MB[1]} MB against ${SIZES_MB[0]} MB`;
    figures.set('export_rss_growth_mb', growth('write'), `how much more a process needs to write ${said}`);
    figures.set('export_open_rss_growth_mb', growth('open'), `the same, to open them`);
  } finally {
    for (const end of ends) await end();
    await rm(folder, { recursive: true, force: true });
  }
}

type Told = Awaited<ReturnType<typeof measure>>;

function report(figures: Figures, sizeMb: number, { write, open, tarAge, ageTar }: Told): void {
  const said = `${sizeMb} MB of stems in files of ${STEM_MB} MB, files as the store`;
  figures.set(
    'export_mb_per_s',
    sizeMb / write.seconds,
    `read from the store, decrypted, encrypted, hashed and stored in parts; ${said}`,
  );
  figures.set(
    'tar_age_mb_per_s',
    sizeMb / tarAge,
    'tar | age with the same files, in the clear, into one file',
  );
  figures.set(
    'export_open_mb_per_s',
    sizeMb / open.seconds,
    'decrypted, written, and every file held against the manifest',
  );
  figures.set('age_tar_mb_per_s', sizeMb / ageTar, 'age -d | tar -x of the same export');
  figures.set('export_rss_mb', write.peakRssMb, 'the most that the process which writes it held');
  figures.set('export_open_rss_mb', open.peakRssMb, 'the most that the process which opens it held');
}

async function measure(
  scene: ExportScene,
  folder: string,
  { recipient, identity }: { recipient: string; identity: string },
) {
  const place = await scene.order('stems', { recipient });
  const common = { dataDir: scene.directory, databaseUrl: scene.db.workerUrl, sealingKey: scene.sealingKey };
  const write = await work({ kind: 'write', ...common, place });
  const file = await scene.download(place);
  const open = await work({ kind: 'open', file, identity, to: folder });
  const byHand = await mkdtemp(`${folder}-by-hand-`);
  await writeFile(join(byHand, 'identity'), identity);
  const tarAge = await shell(`tar -c -C "${folder}" . | age -r ${recipient} > "${byHand}/all.age"`);
  const ageTar = await shell(`age -d -i "${byHand}/identity" "${file}" | tar -x -C "${byHand}"`);
  return { write, open, tarAge, ageTar };
}

async function work(job: ExportJob): Promise<{ seconds: number; peakRssMb: number }> {
  const program = join(import.meta.dirname, 'lifecycle-export-process.ts');
  // As the worker is started, and the command line.
  const flags = job.kind === 'write' ? ['--max-semi-space-size=2', '--expose-gc'] : [];
  const { stdout } = await run(process.execPath, [...flags, program, JSON.stringify(job)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** @returns seconds */
async function shell(command: string): Promise<number> {
  const startMs = performance.now();
  await run('bash', ['-c', `set -o pipefail; ${command}`]);
  return (performance.now() - startMs) / 1000;
}
