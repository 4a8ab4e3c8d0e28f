import { inOrganization, markers } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import type { rest } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('markers', () => {
  const test = useTestApp();
  let rita: Browser;
  let eve: Browser;
  let tenant: Tenant;
  before(async () => {
    tenant = await createTenant(test.db);
    rita = await test.memberOf(tenant, 'rita@example.org');
    eve = await test.host('eve@example.org');
  });

  const path = () => `/api/v1/recordings/${tenant.recordingId}`;
  const shown = async (): Promise<[number, string][]> =>
    (await rita.get(path())).body.markers.map(({ atMs, name }: rest.Marker) => [atMs, name]);
  const nowIn = (state: 'recording' | 'complete') =>
    test.db.owner.query(
      `UPDATE app.recordings SET state = $2, started_at = now() - interval '5 s',
         duration_ms = CASE WHEN $2 = 'complete' THEN 1235 END WHERE recording_id = $1`,
      [tenant.recordingId, state],
    );

  it('are added, renamed, moved and removed, and stand in the order of time', async () => {
    const { status, body } = await rita.post(`${path()}/markers`, { name: ' The joke ', atMs: 1200 });
    expect([status, body.name, body.atMs]).to.deep.equal([201, 'The joke', 1200]);
    expect(await shown()).to.deep.equal([
      [500, 'Good line'],
      [1200, 'The joke'],
    ]);
    const one = `${path()}/markers/${body.markerId}`;
    expect((await rita.send('PATCH', one, { name: 'The pun', atMs: 100 })).body).to.deep.equal({
      ...body,
      name: 'The pun',
      atMs: 100,
    });
    expect((await rita.send('PATCH', one, { name: 'Pun' })).body).to.include({ name: 'Pun', atMs: 100 });
    expect(await shown()).to.deep.equal([
      [100, 'Pun'],
      [500, 'Good line'],
    ]);
    expect((await rita.delete(one)).status).to.equal(204);
    expect((await rita.delete(one)).status).to.equal(404);
    expect(await shown()).to.deep.equal([[500, 'Good line']]);
  });

  it('stand at this moment while it records, and have to say where when it does not', async () => {
    expect(await rita.post(`${path()}/markers`, { name: 'Now' })).to.deep.include({ status: 409 });
    await nowIn('recording');
    const { status, body } = await rita.post(`${path()}/markers`, { name: 'Now' });
    expect(status).to.equal(201);
    expect(body.atMs).to.be.at.least(5000);
    await rita.delete(`${path()}/markers/${body.markerId}`);
    await nowIn('complete');
  });

  it('belong into the recording, and are of bounded length and number', async () => {
    const refused = async (change: object) => (await rita.post(`${path()}/markers`, change)).status;
    expect(await refused({ name: 'x', atMs: 1236 })).to.equal(400);
    expect(await refused({ name: 'x', atMs: -1 })).to.equal(400);
    expect(await refused({ name: 'x'.repeat(201), atMs: 1 })).to.equal(400);
    await test.db.owner.query(
      `INSERT INTO app.markers (organization_id, recording_id, at_ms, name, made_by)
       SELECT $1, $2, 1, '', '' FROM generate_series(1, 999)`,
      [tenant.organizationId, tenant.recordingId],
    );
    expect(await refused({ name: 'x', atMs: 1 })).to.equal(409);
  });

  it('are nobody else’s', async () => {
    const [marker] = await inOrganization(test.db.app, tenant.organizationId, tx =>
      markers.ofRecording(tx, tenant.recordingId),
    );
    const one = `${path()}/markers/${marker?.markerId}`;
    expect((await eve.post(`${path()}/markers`, { name: 'x', atMs: 1 })).status).to.equal(404);
    expect((await eve.send('PATCH', one, { name: 'x' })).status).to.equal(404);
    expect((await eve.delete(one)).status).to.equal(404);
  });
});
