import { inOrganization, subscriptions } from '@cratersync/db';
import { eraseNow } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { BillingScene } from './fixtures/billing-scene.ts';

describe('what an erased organization paid for', function () {
  this.timeout(60_000);
  const scene = new BillingScene();

  it('ends with it, also when the payment service is away meanwhile, and comes back by no event', async () => {
    const rita = await scene.app.host('rita@example.org');
    const subscription = await scene.subscribe(rita, 'team');
    const { organizationId } = (await rita.get('/api/v1/me')).body.organization;
    const { owner, worker } = scene.app.db;
    const asked = await rita.post('/api/v1/organization/deletion', {
      name: (await rita.get('/api/v1/me')).body.organization.name,
    });
    expect(asked.status, JSON.stringify(asked.body)).to.equal(202);
    await owner.query(`UPDATE app.organization_deletions SET erase_after = now() - interval '1 second'`);
    await eraseNow(worker, organizationId);
    scene.stripe.isAway = true;
    await scene.work();
    expect(subscription.status).not.to.equal('canceled');
    scene.stripe.isAway = false;
    await owner.query('UPDATE graphile_worker._private_jobs SET run_at = now(), attempts = 0');
    await scene.work();
    expect(subscription.status).to.equal('canceled');
    await scene.deliver();
    expect(await inOrganization(worker, organizationId, tx => subscriptions.current(tx))).to.equal(null);
  });
});
