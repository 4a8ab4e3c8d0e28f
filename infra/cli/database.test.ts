import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { migrateDatabase, startDatabase } from '../dev/database.ts';
import { openAppDatabase } from './database.ts';

describe('the command line’s database', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-cli-database-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const failure = (env: NodeJS.ProcessEnv) =>
    openAppDatabase(env).then(
      () => '',
      (error: Error) => error.message,
    );

  it('is the embedded one of DATA_DIR, as the role that sees one organization at a time', async function () {
    this.timeout(120_000);
    const server = await startDatabase(dataDir);
    try {
      await migrateDatabase(dataDir, server.ownerUrl);
      for (const DATABASE_URL of [undefined, server.ownerUrl]) {
        const db = await openAppDatabase({ DATA_DIR: dataDir, DATABASE_URL });
        const { rows } = await db.pool.query('SELECT current_user AS role');
        expect(rows).to.deep.equal([{ role: 'cratersync_app' }]);
        await db.close();
      }
    } finally {
      await server.stop();
    }
    expect(await failure({ DATA_DIR: dataDir })).to.contain('Start CraterSync');
    const DATABASE_URL = server.ownerUrl;
    expect(await failure({ DATA_DIR: dataDir, DATABASE_URL })).to.contain('Check DATABASE_URL');
  });

  it('of a folder that has none says what to set', async () => {
    expect(await failure({ DATA_DIR: dataDir })).to.contain('Set DATA_DIR');
  });
});
