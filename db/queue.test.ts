import { expect } from 'chai';
import { inOrganization, unscoped } from './database.ts';
import { enqueue } from './jobs.ts';
import { queue } from './queue.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { createTenant, type Tenant } from './testing-tenant.ts';

describe('the queue, as operators see it', () => {
  let test: TestDatabase;
  let tenant: Tenant;
  before(async () => {
    test = await createTestDatabase();
    tenant = await createTenant(test);
  });
  beforeEach(() => test.owner.query('DELETE FROM graphile_worker._private_jobs'));
  after(() => test.close());

  const seen = async (name: string) => {
    const rows = await unscoped(test.worker, tx => queue(tx));
    return rows.filter(row => row.name === name);
  };
  const order = (name: 'render-stems' | 'apply-retention') =>
    inOrganization(test.app, tenant.organizationId, tx =>
      name === 'render-stems'
        ? enqueue(tx, name, { recordingId: tenant.recordingId })
        : enqueue(tx, name, {}),
    );

  for (const name of ['render-stems', 'apply-retention'] as const)
    it(`has what waits and what was given up of ${name}, whatever its region`, async () => {
      await order(name);
      await test.owner.query(
        `UPDATE graphile_worker._private_jobs SET run_at = now() - interval '20 minutes'`,
      );
      const [waiting, ...more] = await seen(name);
      expect(more).to.deep.equal([]);
      expect(waiting).to.include({ waiting: 1, givenUp: 0 });
      expect(waiting?.oldestS).to.be.within(1200, 1260);
      await test.owner.query('UPDATE graphile_worker._private_jobs SET attempts = max_attempts');
      expect(await seen(name)).to.deep.equal([{ name, waiting: 0, givenUp: 1, oldestS: 0 }]);
    });
});
