import { type Entity, lifecycles, type State, states } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { asAccount, inOrganization } from './database.ts';
import * as lifecycle from './lifecycle.ts';
import { type advance, stateTables } from './lifecycle.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { createTenant, type Tenant } from './testing-tenant.ts';

type Moved = Parameters<typeof advance>[1];

describe('lifecycles in the database', () => {
  let test: TestDatabase;
  let tenant: Tenant;
  before(async () => {
    test = await createTestDatabase();
    tenant = await createTenant(test);
  });
  after(() => test.close());

  it('has the protocol’s states in the check of every state column, and no state column besides', async () => {
    const { rows } = await test.owner.query<{ table: string; definition: string }>(`
      SELECT c.relname AS table, pg_get_constraintdef(k.oid) AS definition
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      WHERE c.relnamespace = 'app'::regnamespace AND k.contype = 'c'
        AND k.conkey = (SELECT array[attnum] FROM pg_attribute WHERE attrelid = c.oid AND attname = 'state')`);
    const inDatabase = Object.fromEntries(
      rows.map(row => [row.table, [...row.definition.matchAll(/'([a-z_]+)'/g)].map(match => match[1])]),
    );
    const entities: Entity[] = [
      ...(['organization', 'session', 'participant', 'recording', 'stem', 'render'] as const),
      ...(['export', 'own_export'] as const),
    ];
    expect(inDatabase).to.deep.equal(Object.fromEntries(entities.map(e => [`${e}s`, states(e)])));
    const columns = await test.owner.query(
      `SELECT table_name FROM information_schema.columns WHERE table_schema = 'app' AND column_name = 'state'`,
    );
    expect(columns.rows.map(row => row.table_name)).to.have.members(Object.keys(inDatabase));
  });

  for (const entity of Object.keys(stateTables) as Moved[]) {
    it(`moves a ${entity} along the protocol’s table and no other way`, async () => {
      const { table, id } = stateTables[entity];
      const row = {
        session: tenant.sessionId,
        participant: tenant.guestId,
        recording: tenant.recordingId,
        stem: tenant.stemId,
        render: tenant.renderId,
        export: tenant.exportId,
        own_export: tenant.ownExportId,
        organization: tenant.organizationId,
      }[entity];
      // Signaling moves what is not the worker's.
      const database = ['session', 'participant', 'recording'].includes(entity) ? test.app : test.worker;
      const move = (to: State<typeof entity>) =>
        entity === 'own_export'
          ? asAccount(database, tenant.accountId, tx => lifecycle.advance(tx, entity, row, to as 'ready'))
          : inOrganization(database, tenant.organizationId, tx => lifecycle.advance(tx, entity, row, to));
      const allowed: Record<string, readonly string[]> = lifecycles[entity];
      const seen: Record<string, string[]> = {};
      for (const from of states(entity)) {
        seen[from] = [];
        for (const to of states(entity) as State<typeof entity>[]) {
          await test.owner.query(`UPDATE ${table} SET state = $2 WHERE ${id} = $1`, [row, from]);
          const moved = await move(to);
          const { rows } = await test.owner.query(`SELECT state FROM ${table} WHERE ${id} = $1`, [row]);
          expect(rows[0].state, `${from} to ${to}`).to.equal(moved ? to : from);
          if (moved) seen[from].push(to);
        }
      }
      for (const [from, successors] of Object.entries(allowed))
        expect(seen[from], from).to.have.members([...successors]);
    });
  }
});
