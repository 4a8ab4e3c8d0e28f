import { enqueue, inOrganization } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import type { Region } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { Logger, runOnce } from 'graphile-worker';
import { regionalTasks } from './regional-tasks.ts';

const quiet = new Logger(() => () => {});

describe('jobs of regions', () => {
  let db: TestDatabase;
  const tenants = {} as Record<Region, Tenant>;
  before(async () => {
    db = await createTestDatabase();
    for (const region of ['ca', 'fr'] as const) {
      tenants[region] = await createTenant(db);
      await db.owner.query('UPDATE app.organizations SET region = $2 WHERE organization_id = $1', [
        tenants[region].organizationId,
        region,
      ]);
    }
  });
  beforeEach(() => db.owner.query('DELETE FROM graphile_worker._private_jobs'));
  after(() => db.close());

  /** What a worker of a region takes of what waits. */
  async function takes(region: Region | undefined): Promise<string[]> {
    const taken: string[] = [];
    const task = (payload: unknown) =>
      void taken.push((payload as { organizationId: string }).organizationId);
    const taskList = regionalTasks(db.worker, region, { 'render-stems': async payload => task(payload) });
    await runOnce({ connectionString: db.workerUrl, taskList, logger: quiet });
    return taken;
  }
  const order = ({ organizationId, recordingId }: Tenant) =>
    inOrganization(db.app, organizationId, tx => enqueue(tx, 'render-stems', { recordingId }));

  it('are taken by workers of their organization’s region alone', async () => {
    await order(tenants.ca);
    await order(tenants.fr);
    expect(await takes('fr')).to.deep.equal([tenants.fr.organizationId]);
    expect(await takes('fr')).to.deep.equal([]);
    expect(await takes('ca')).to.deep.equal([tenants.ca.organizationId]);
  });

  it('are all taken by a worker of none', async () => {
    await order(tenants.ca);
    await order(tenants.fr);
    expect(await takes(undefined)).to.have.members([tenants.ca.organizationId, tenants.fr.organizationId]);
  });

  it('find their region when they were queued before there were any', async () => {
    const { organizationId, recordingId } = tenants.fr;
    await db.owner.query(`SELECT graphile_worker.add_job('render-stems', $1)`, [
      JSON.stringify({ organizationId, recordingId }),
    ]);
    expect(await takes('ca')).to.deep.equal([]);
    expect(await takes('fr')).to.deep.equal([organizationId]);
  });
});
