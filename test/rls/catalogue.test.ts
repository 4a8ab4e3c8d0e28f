import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { column, holesIn, roles, tenantless, tenantTables } from './catalogue.ts';

const owned = `
  SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE pg_get_userbyid(c.relowner) = $1 AND n.nspname !~ '^pg_'
  UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p WHERE pg_get_userbyid(p.proowner) = $1
  UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = $1
  UNION ALL SELECT 'database ' || datname FROM pg_database WHERE pg_get_userbyid(datdba) = $1`;

describe('walls between tenants: the catalogue', () => {
  let test: TestDatabase;
  before(async () => {
    test = await createTestDatabase();
  });
  after(() => test.close());

  it('protects every tenant table', async () => {
    const tables = await tenantTables(test);
    expect(tables).to.include.members(['organizations', 'memberships', 'sessions', 'stem_files']);
    for (const table of tables) expect(await holesIn(test, table), table).to.deep.equal([]);
  });

  it('finds a new table that nobody has protected', async () => {
    await test.owner.query(
      'CREATE TABLE app.notes (note_id uuid PRIMARY KEY, organization_id uuid, text text)',
    );
    expect(await tenantTables(test)).to.include('notes');
    expect(await holesIn(test, 'notes')).to.deep.equal([
      'has no organization_id NOT NULL',
      'has no row-level security',
      'does not force row-level security on its owner',
      'has no policy for its organization, reading and writing',
      'has a key without its organization: app.notes_pkey',
    ]);
    await test.owner.query('DROP TABLE app.notes');
  });

  it('finds a hole that somebody has made in a wall', async () => {
    await test.owner.query(`
      CREATE POLICY shared ON app.sessions FOR UPDATE USING (title = 'shared');
      CREATE UNIQUE INDEX one_title ON app.sessions (title);
      ALTER TABLE app.sessions NO FORCE ROW LEVEL SECURITY`);
    expect(await holesIn(test, 'sessions')).to.deep.equal([
      'does not force row-level security on its owner',
      'may be written through the policy shared',
      'is open to every role through the policy shared',
      'has a key without its organization: app.one_title',
    ]);
    await test.owner.query(`
      DROP POLICY shared ON app.sessions;
      DROP INDEX app.one_title;
      ALTER TABLE app.sessions FORCE ROW LEVEL SECURITY`);
    expect(await holesIn(test, 'sessions')).to.deep.equal([]);
  });

  it('keeps tables nowhere but in the application’s schema and the queue’s, and gives the public none', async () => {
    const schemas = await column(
      test,
      `SELECT DISTINCT relnamespace::regnamespace FROM pg_class
       WHERE relkind IN ('r', 'p', 'f', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
       ORDER BY 1`,
    );
    expect(schemas.toSorted()).to.deep.equal(['app', 'graphile_worker']);
    const open = await column(
      test,
      `SELECT c.oid::regclass FROM pg_class c, aclexplode(c.relacl) acl
       WHERE acl.grantee = 0 AND c.relnamespace::regnamespace::text IN ('app', 'graphile_worker')`,
    );
    expect(open).to.deep.equal([]);
  });

  it('has no tenant’s column in a table that is nobody’s', async () => {
    const columns = await column(
      test,
      `SELECT table_name || '.' || column_name FROM information_schema.columns
       WHERE table_schema = 'app' AND table_name = ANY ($1) AND column_name ~ 'organization'`,
      [tenantless],
    );
    expect(columns).to.deep.equal([]);
  });

  for (const role of roles) {
    it(`gives ${role} no way around`, async () => {
      const { rows } = await test.owner.query(
        `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = $1`,
        [role],
      );
      expect(Object.values(rows[0])).to.deep.equal([false, false, false, false, false]);
      expect(
        await column(test, `SELECT roleid::regrole FROM pg_auth_members WHERE member = $1::regrole`, [role]),
        'member of',
      ).to.deep.equal([]);
      expect(
        await column(
          test,
          `SELECT nspname FROM pg_namespace WHERE has_schema_privilege($1, oid, 'CREATE')
           AND nspname <> 'graphile_worker'`,
          [role],
        ),
        'may create in',
      ).to.deep.equal([]);
      expect(
        await column(
          test,
          `SELECT datname FROM pg_database WHERE has_database_privilege($1, oid, 'CREATE')`,
          [role],
        ),
        'may create in the database',
      ).to.deep.equal([]);
      expect(
        await column(
          test,
          `SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')
           AND has_table_privilege($1, oid, 'TRUNCATE, REFERENCES, TRIGGER')`,
          [role],
        ),
        'may truncate, refer to or hook into',
      ).to.deep.equal([]);
    });
  }

  it('leaves the application’s role without a thing of its own, and the worker’s with the queue', async () => {
    expect(await column(test, owned, ['cratersync_app'])).to.deep.equal([]);
    const workers = await column(test, owned, ['cratersync_worker']);
    expect(workers).to.include('schema graphile_worker');
    expect(workers.filter(name => !/^(schema )?graphile_worker\b/.test(name))).to.deep.equal([
      'app.enqueue_job(text,json,text,timestamp with time zone)',
    ]);
  });

  it('lets the application into the queue through one function only', async () => {
    const tables = await column(
      test,
      `SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'graphile_worker'::regnamespace
       AND relkind IN ('r', 'v') AND has_table_privilege('cratersync_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')`,
    );
    expect(tables).to.deep.equal([]);
    const usable = await column(
      test,
      `SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'
       AND has_schema_privilege('cratersync_app', oid, 'USAGE')`,
    );
    expect(usable).to.deep.equal(['app']);
  });

  it('has no SECURITY DEFINER beyond the list, each with a pinned search_path', async () => {
    const definers = await test.owner.query(
      `SELECT p.oid::regprocedure::text AS name, p.proconfig AS config FROM pg_proc p
       WHERE p.prosecdef AND p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
    );
    expect(definers.rows).to.deep.equal([
      {
        name: 'app.enqueue_job(text,json,text,timestamp with time zone)',
        config: ['search_path=pg_catalog, pg_temp'],
      },
    ]);
  });

  it('has no view that reads with its owner’s rights', async () => {
    const views = await column(
      test,
      `SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('v', 'm')
       AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)`,
    );
    expect(views).to.deep.equal([]);
  });
});
