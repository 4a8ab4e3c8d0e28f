import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import pg from 'pg';
import { type Command, commands, type Role, roles, tenantTables } from './catalogue.ts';

/** How a role came to its rows: in its own organization, or without any scope. */
const scopes = ['own organization', 'no scope'] as const;

interface Attempt {
  rows: number;
  refused: string | null;
}

describe('walls between tenants: tables × roles × commands', () => {
  let test: TestDatabase;
  let mine: Tenant;
  let theirs: Tenant;
  let tables: string[];
  const clients = new Map<Role, pg.Client>();

  before(async () => {
    test = await createTestDatabase();
    mine = await createTenant(test);
    theirs = await createTenant(test);
    tables = await tenantTables(test);
    // The widest grants there could be: what is left to keep tenants apart is row-level security alone.
    await test.owner.query(`GRANT ALL ON ALL TABLES IN SCHEMA app TO ${roles.join(', ')}`);
    for (const role of roles) {
      const url = role === 'cratersync_app' ? test.appUrl : test.workerUrl;
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      clients.set(role, client);
    }
  });
  after(async () => {
    await Promise.all([...clients.values()].map(client => client.end()));
    await test.close();
  });

  /** Runs one statement in a scope and takes it back. */
  async function attempt(role: Role, scope: (typeof scopes)[number], sql: string): Promise<Attempt> {
    const client = clients.get(role);
    if (client === undefined) throw new Error(`no connection as ${role}`);
    await client.query('BEGIN');
    try {
      const organizationId = scope === 'own organization' ? mine.organizationId : '';
      await client.query(`SELECT set_config('app.organization_id', $1, true)`, [organizationId]);
      const { rowCount } = await client.query(sql);
      // Deferred checks count too.
      await client.query('SET CONSTRAINTS ALL IMMEDIATE');
      return { rows: rowCount ?? 0, refused: null };
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      return { rows: 0, refused: error.message };
    } finally {
      await client.query('ROLLBACK');
    }
  }

  /** A statement that reaches for the rows of `target`; an INSERT is a copy of one of its rows. */
  async function statement(table: string, command: Command, target: Tenant): Promise<string> {
    const where = `WHERE organization_id = '${target.organizationId}'`;
    switch (command) {
      case 'SELECT':
        return `SELECT organization_id FROM app.${table} ${where}`;
      case 'UPDATE':
        return `UPDATE app.${table} SET organization_id = organization_id ${where}`;
      case 'DELETE':
        return `DELETE FROM app.${table} ${where}`;
      case 'INSERT': {
        const { rows } = await test.owner.query(
          `SELECT row_to_json(t)::text AS row FROM app.${table} t ${where} LIMIT 1`,
        );
        const copy = pg.escapeLiteral(rows[0].row);
        return `INSERT INTO app.${table} SELECT * FROM json_populate_record(NULL::app.${table}, ${copy})`;
      }
    }
  }

  for (const role of roles) {
    for (const command of commands) {
      it(`${role} ${command}: 0 foreign rows, in every table and scope`, async () => {
        for (const table of tables) {
          const sql = await statement(table, command, theirs);
          for (const scope of scopes) {
            const { rows, refused } = await attempt(role, scope, sql);
            expect(rows, `${table}, ${scope}`).to.equal(0);
            if (command === 'INSERT') expect(refused, `${table}, ${scope}`).to.match(/row-level security/);
            else expect(refused, `${table}, ${scope}`).to.equal(null);
          }
        }
      });
    }

    it(`${role} reaches its own rows the same way, so that the zeros above mean something`, async () => {
      for (const table of tables) {
        const read = await attempt(role, 'own organization', await statement(table, 'SELECT', mine));
        expect(read.rows, table).to.be.greaterThan(0);
        const written = await attempt(role, 'own organization', await statement(table, 'UPDATE', mine));
        expect(written.rows, table).to.equal(read.rows);
      }
    });

    it(`${role} cannot move a row of its own to another organization`, async () => {
      for (const table of tables) {
        const { refused } = await attempt(
          role,
          'own organization',
          `UPDATE app.${table} SET organization_id = '${theirs.organizationId}'`,
        );
        expect(refused, table).to.match(/row-level security/);
      }
    });
  }

  it('answers a key that another tenant has taken like one that is free', async () => {
    // The same id in two organizations is no conflict, so its absence cannot be probed.
    const { rows, refused } = await attempt(
      'cratersync_app',
      'own organization',
      `INSERT INTO app.sessions (session_id, title, created_by)
       VALUES ('${theirs.sessionId}', 'same id', '${mine.accountId}')`,
    );
    expect({ rows, refused }).to.deep.equal({ rows: 1, refused: null });
  });

  it('refuses a reference to another tenant’s row like one to no row', async () => {
    const reference = (sessionId: string) =>
      attempt(
        'cratersync_app',
        'own organization',
        `INSERT INTO app.recordings (recording_id, session_id, started_at)
         VALUES (gen_random_uuid(), '${sessionId}', now())`,
      );
    const absent = await reference('00000000-0000-4000-8000-000000000000');
    expect(absent.refused).to.match(/foreign key/);
    expect(await reference(theirs.sessionId)).to.deep.equal(absent);
  });
});
