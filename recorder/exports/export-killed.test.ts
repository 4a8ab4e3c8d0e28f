import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enqueue, inOrganization } from '@cratersync/db';
import { Sealer } from '@cratersync/infra/runtime';
import { exportId as exportIdSchema } from '@cratersync/signaling/protocol';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { freePort } from '../../test/support/free-port.ts';
import { forkWorker, startWorker } from '../fixtures/worker-process.ts';
import { ExportScene, noise } from './fixtures/export-scene.ts';
import { exportManifest, MANIFEST_PATH } from './manifest.ts';
import { openExport } from './open/index.ts';
import { exportKeys, PART_BYTES, readNote } from './parts.ts';
import type { ExportPlace } from './place.ts';
import { openSecret } from './secret.ts';

/** Two parts and the last one. */
const LARGE = 2 * PART_BYTES + 1_000_000;
/**
 * Each life of the worker ends when it begins to write its nth file. While nobody dies these are the plan, then each part and
 * its note; a life begins with the part that the one before did not finish.
 */
const KILLED_AT_FILE = [1, 2, 2, 3, 3, 2];

describe('an export whose worker is killed (SIGKILL) while it writes', function () {
  this.timeout(180_000);
  const flac = noise(LARGE);
  let scene: ExportScene;
  let settings: Record<string, string>;
  let worker: ChildProcess | null = null;

  before(async () => {
    scene = await ExportScene.open();
    const secrets = { NODE_SECRET: scene.sealingKey, SEALING_KEY: scene.sealingKey };
    const where = { DATA_DIR: scene.directory, DATABASE_URL: scene.db.workerUrl };
    settings = { ...secrets, ...where, WORKER_PORT: String(await freePort()) };
    await scene.db.owner.query(`
      CREATE FUNCTION app.tell_export() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('ready', NEW.export_id::text); RETURN NULL; END $$;
      CREATE TRIGGER tell_export AFTER UPDATE ON app.exports FOR EACH ROW WHEN (NEW.state = 'ready')
        EXECUTE FUNCTION app.tell_export();
      LISTEN ready;`);
  });
  after(async () => {
    worker?.kill('SIGKILL');
    await scene.close();
  });

  const incoming = () => join(scene.directory, 'store', '.incoming');
  const order = async (recipient: string) => {
    const place = await scene.order('stems', { recipient });
    const exportId = exportIdSchema.parse(place.exportId);
    await inOrganization(scene.db.app, scene.tenant.organizationId, tx =>
      enqueue(tx, 'write-export', { exportId }, { key: exportId }),
    );
    return place;
  };

  /** Runs a worker until it begins its nth file, and kills it then and there. @returns how many files are left half-written */
  async function life(files: number): Promise<number> {
    // What the one before left is swept away.
    const left = await readdir(incoming());
    const seen = new Set(left);
    const watching = watch(incoming());
    const begun = new Promise<void>(resolve => {
      watching.on('change', (_, name) => {
        if (seen.add(String(name)).size === left.length + files) resolve();
      });
    });
    const child = forkWorker(settings);
    worker = child;
    const exited = once(child, 'exit');
    const ended = exited.then(([code]) => {
      throw new Error(`the worker ended by itself, with ${code}`);
    });
    await Promise.race([begun, ended]);
    child.kill('SIGKILL');
    await exited;
    ended.catch(() => {});
    watching.close();
    return (await readdir(incoming())).length;
  }

  /** What the store shows under its name is whole, and nothing says that the export is done. */
  async function expectNothingHalf(place: ExportPlace, when: string): Promise<void> {
    const row = await scene.row(place);
    if (row === null || row.secret === null)
      throw new Error(`${when}: it is ${row?.state}, and has no secret`);
    expect(row.state, when).to.be.oneOf(['waiting', 'running']);
    for await (const { key, bytes } of scene.store.list(`${exportKeys.prefix(place.exportId)}parts/`))
      if (!key.includes('/00000002-')) expect(bytes, `${when}: ${key}`).to.equal(PART_BYTES);
    const secret = openSecret(scene.sealer, place, row.secret);
    if (!('fileKey' in secret)) return;
    const sealer = new Sealer(secret.fileKey.toString('hex'));
    const reading = { store: scene.store, sealer, exportId: place.exportId };
    const notes = await scene.keysInStore(`${exportKeys.prefix(place.exportId)}notes/`);
    expect(notes.length, when).to.be.at.least(row.parts);
    for (const key of notes) {
      const [part = 0, turn = 0] = (key.split('/').at(-1) ?? '').split('-').map(Number);
      expect(await readNote(reading, part, turn), `${when}: ${key}`).to.be.an('object');
    }
  }

  const contentOf = async (place: ExportPlace, identity: string) => {
    const to = join(scene.directory, `opened-${place.exportId}`);
    const opened = await openExport(await scene.download(place), { identities: [identity] }, { to });
    const manifest = exportManifest.parse(
      JSON.parse(await readFile(join(opened.folder, MANIFEST_PATH), 'utf8')),
    );
    // The log has one entry more with each export.
    return manifest.files.filter(({ path }) => !path.startsWith('audit/'));
  };

  it('goes on after each restart and ends with the same content, and nothing half-written counts', async () => {
    await scene.record({ flac });
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const place = await order(recipient);
    let half = 0;
    for (const [index, files] of KILLED_AT_FILE.entries()) {
      half += await life(files);
      await expectNothingHalf(place, `life ${index + 1}`);
    }
    // Otherwise nobody was killed in the midst of a file, and this test shows less than it says.
    expect(half).to.be.greaterThan(2);
    const ready = once(scene.db.owner, 'notification');
    worker = await startWorker(settings);
    await ready;
    const exited = once(worker, 'exit');
    worker.kill('SIGTERM');
    await exited;
    expect(await scene.row(place)).to.deep.include({ state: 'ready', parts: 3, secret: null });
    expect(await scene.keysInStore()).to.have.length(3);
    expect(await readdir(incoming())).to.deep.equal([]);
    const content = await contentOf(place, identity);
    const sha256 = createHash('sha256').update(flac).digest('hex');
    expect(content.find(({ path }) => path.endsWith('.flac'))).to.include({ sha256, bytes: LARGE });

    const undisturbed = await scene.order('stems', { recipient });
    await scene.write(undisturbed);
    expect(await contentOf(undisturbed, identity)).to.deep.equal(content);
  });
});
