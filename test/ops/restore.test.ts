import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { openKeys } from '@cratersync/recorder/keys';
import { encodeOpus, journal, opusInfo, opusUnits, tone } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { ApiClient } from '../support/api.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import { StackScene } from '../support/stack.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

describe('a backup of the database', function () {
  this.timeout(180_000);
  const scene = new StackScene();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-backup-'));
    await scene.start();
  });
  after(async () => {
    await scene.close();
    await rm(folder, { recursive: true, force: true });
  });

  const verify = (recordingId: string) =>
    run(process.execPath, [join(root, 'infra/cli/cratersync.js'), 'verify', recordingId], {
      env: { ...process.env, DATA_DIR: scene.stack.dataDir },
    }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stderr: string }) => ({ code: error.code, said: error.stderr }),
    );

  it('brings everything back as it was, but not what was erased since: the keys are kept apart', async () => {
    const api = await ApiClient.signedIn(scene.url, 'rita@example.org', 'Rita');
    const { sessionId } = await api.session('Moon talk');
    const database = openDatabase({ url: scene.stack.databaseUrl, log: createLog('test', 'silent') });
    const info = opusInfo(1);
    const records = journal(opusUnits(await encodeOpus(tone(440, 2))), info, { startS: 0 });
    const tracks = [{ person: 0, source: 'mic' as const, info, records }];
    const put = () =>
      finishedRecording(scene.stack, database, { sessionId, names: ['Rita'], tracks, seconds: 2 });
    const [kept, erased] = [await put(), await put()];
    await database.close();
    expect((await verify(erased)).code).to.equal(0);

    // As docs/deploy.md says for the embedded PostgreSQL.
    const { dataDir } = scene.stack;
    await scene.stack.stop();
    await run('cp', ['-a', join(dataDir, 'postgres'), join(folder, 'postgres')]);
    await scene.start();
    await (await openKeys({ DATA_DIR: dataDir })).destroySessionKey(erased);
    await api.session('Made after the backup');

    await scene.stack.stop();
    await rm(join(dataDir, 'postgres'), { recursive: true });
    await run('cp', ['-a', join(folder, 'postgres'), join(dataDir, 'postgres')]);
    await scene.start();
    const again = await ApiClient.signedIn(scene.url, 'rita@example.org', 'Rita');
    const listed = JSON.stringify(await again.call('GET', '/sessions'));
    expect(listed).to.contain('Moon talk').and.not.contain('Made after');
    expect(await verify(kept)).to.include({ code: 0 });
    const { code, said } = await verify(erased);
    expect(code, said).to.equal(3);
    expect(said).to.contain('erased');
  });

  it('is made by backup.sh only whole: where pg_dump cannot, nothing is left that looks like one', async () => {
    const env = {
      ...process.env,
      BACKUP_DIR: folder,
      BACKUP_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    };
    const failed = await run(join(root, 'infra/deploy/backup.sh'), [], { env }).catch(error => error);
    expect(failed.code).to.not.equal(0);
    expect((await readdir(folder)).filter(name => name.startsWith('database-'))).to.deep.equal([]);
    const unset = await run(join(root, 'infra/deploy/backup.sh'), [], {
      env: { PATH: process.env['PATH'] },
    }).catch(error => error);
    expect(unset.stderr).to.contain('BACKUP_DATABASE_URL: is not set');
  });
});
