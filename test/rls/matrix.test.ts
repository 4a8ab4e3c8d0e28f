import { randomUUID } from 'node:crypto';
import { inOrganization, organizationDeletions } from '@cratersync/db';
import {
  createTenant,
  createTestDatabase,
  type Scope,
  scopeStatement,
  type Tenant,
  type TestDatabase,
} from '@cratersync/db/testing';
import { organizationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import pg from 'pg';
import {
  type Command,
  capabilities,
  capabilityKinds,
  commands,
  type Role,
  roles,
  tenantTables,
} from './catalogue.ts';

/** Every scope that db/database.ts opens, each with what is one's own. */
const scopes: Record<string, (own: Tenant) => Scope> = {
  'own organization': ({ organizationId }) => ({ organizationId }),
  'own account': ({ accountId }) => ({ accountId }),
  ...Object.fromEntries(
    capabilityKinds.map(kind => [
      `own ${kind}`,
      (own: Tenant) => ({ capability: { kind, hash: capabilities[kind](own) } }),
    ]),
  ),
  'no scope': () => ({}),
};
const scopeNames = Object.keys(scopes);

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
    for (const { organizationId, accountId: requestedBy } of [mine, theirs])
      await inOrganization(test.app, organizationId, tx =>
        organizationDeletions.request(tx, { requestedBy, graceMs: 60_000 }),
      );
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
  async function attempt(role: Role, scope: string, sql: string, as = mine): Promise<Attempt> {
    const client = clients.get(role);
    if (client === undefined) throw new Error(`no connection as ${role}`);
    await client.query('BEGIN');
    try {
      await client.query(scopeStatement(scopes[scope]?.(as) ?? {}));
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
          for (const scope of scopeNames) {
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

    it(`${role} without an organization in scope writes nothing, not even what is its own`, async () => {
      for (const table of tables) {
        for (const scope of scopeNames.filter(name => name !== 'own organization')) {
          const where = `${table}, ${scope}`;
          for (const command of ['UPDATE', 'DELETE'] as const)
            expect(await attempt(role, scope, await statement(table, command, mine)), where).to.deep.equal({
              rows: 0,
              refused: null,
            });
          const inserted = await attempt(role, scope, await statement(table, 'INSERT', mine));
          expect(inserted.refused, where).to.match(/row-level security/);
        }
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

  it('takes no notice of a key that another tenant has taken: in every table', async () => {
    // With nothing of its own yet that could be in the way.
    const fresh = { ...mine, organizationId: organizationId.parse(randomUUID()) };
    await test.owner.query(
      `INSERT INTO app.organizations (organization_id, name, region) VALUES ($1, 'New', 'ca')`,
      [fresh.organizationId],
    );
    for (const table of tables.filter(each => each !== 'organizations')) {
      // A copy of their row, keys and all, made one's own. What it refers to may be missing; that it is there already
      // must not be the answer.
      const {
        rows: [copy],
      } = await test.owner.query(
        `SELECT jsonb_set(to_jsonb(t), '{organization_id}', to_jsonb($1::text))::text AS row
         FROM app.${table} t WHERE organization_id = $2 LIMIT 1`,
        [fresh.organizationId, theirs.organizationId],
      );
      const sql = `INSERT INTO app.${table} SELECT * FROM json_populate_record(NULL::app.${table}, ${pg.escapeLiteral(copy.row)})`;
      const { refused } = await attempt('cratersync_app', 'own organization', sql, fresh);
      expect(refused ?? '', table).not.to.match(/duplicate|exclusion|security/);
    }
  });

  it('refuses a reference to another tenant’s row like one to no row: by every foreign key', async () => {
    const { rows: references } = await test.owner.query(
      `SELECT k.conname AS key, c.relname AS table, target.relname AS target, a.attname AS column
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class target ON target.oid = k.confrelid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey) AND a.attname <> 'organization_id'
       JOIN pg_attribute o ON o.attrelid = target.oid AND o.attname = 'organization_id'
       WHERE k.contype = 'f' AND c.relnamespace = 'app'::regnamespace`,
    );
    expect(references.length).to.be.greaterThan(5);
    for (const { key, table, target, column } of references) {
      const { rows } = await test.owner.query(
        `SELECT ${column} AS id FROM app.${target} WHERE organization_id = $1 LIMIT 1`,
        [theirs.organizationId],
      );
      const refer = (id: string) =>
        attempt('cratersync_app', 'own organization', `UPDATE app.${table} SET ${column} = '${id}'`);
      const absent = await refer('00000000-0000-4000-8000-000000000000');
      expect(absent.refused, key).to.match(/foreign key/);
      expect(await refer(rows[0].id), key).to.deep.equal(absent);
    }
  });
});
