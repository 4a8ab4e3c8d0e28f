import { expect } from 'chai';
import pg from 'pg';
import { migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

describe('migrate', () => {
  let test: TestDatabase;
  before(async () => {
    test = await createTestDatabase();
  });
  after(() => test.close());

  const passwords = { appPassword: 'app-password', workerPassword: 'worker-password' };
  const connects = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS role');
    await client.end();
    return rows[0].role;
  };

  it('may be run again and by several at once, and gives the URLs of both roles', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl: test.ownerUrl, ...passwords })));
    for (const { appUrl, workerUrl } of runs) {
      expect(await connects(appUrl)).to.equal('cratersync_app');
      expect(await connects(workerUrl)).to.equal('cratersync_worker');
    }
  });

  it('fills an empty database, several starting at once, and lends the worker no right for longer', async () => {
    await test.owner.query('CREATE DATABASE empty');
    const ownerUrl = new URL('/empty', test.ownerUrl).href;
    await Promise.all([1, 2].map(() => migrate({ ownerUrl, ...passwords })));
    const { rows } = await test.owner.query(
      `SELECT has_database_privilege('cratersync_worker', 'empty', 'CREATE') AS lent`,
    );
    expect(rows).to.deep.equal([{ lent: false }]);
    await test.owner.query('DROP DATABASE empty WITH (FORCE)');
  });

  it('needs no superuser: whoever owns the database and may manage the two roles will do', async () => {
    await test.owner.query(`CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'landlord'`);
    await test.owner.query('GRANT cratersync_app, cratersync_worker TO landlord WITH ADMIN OPTION');
    await test.owner.query('CREATE DATABASE rented OWNER landlord');
    const ownerUrl = new URL('/rented', test.ownerUrl);
    const { appUrl } = await migrate({
      ownerUrl: Object.assign(ownerUrl, { username: 'landlord', password: 'landlord' }).href,
      ...passwords,
    });
    expect(await connects(appUrl)).to.equal('cratersync_app');
    await test.owner.query('DROP DATABASE rented WITH (FORCE)');
    await test.owner.query('DROP ROLE landlord');
  });

  it('takes passwords with any character in them', async () => {
    const appPassword = `a'b"c\\d%e/f@g:h #?`;
    const { appUrl } = await migrate({ ownerUrl: test.ownerUrl, ...passwords, appPassword });
    expect(await connects(appUrl)).to.equal('cratersync_app');
    await migrate({ ownerUrl: test.ownerUrl, ...passwords });
  });
});
