import { accountDeletions, inOrganization } from '@cratersync/db';
import { expect } from 'chai';
import type { Subscription } from '../../test/support/stripe-books.ts';
import type { Browser } from '../http/fixtures/browser.ts';
import { BillingScene } from './fixtures/billing-scene.ts';

describe('seats', function () {
  this.timeout(60_000);
  const scene = new BillingScene();
  let rita: Browser;
  let people = 0;
  const quantityOf = (subscription: Subscription) => subscription.items.data[0]?.quantity;
  const leave = async (member: Browser) => {
    const { accountId } = (await member.get('/api/v1/me')).body;
    expect((await rita.delete(`/api/v1/organization/members/${accountId}`)).status).to.equal(204);
  };
  const everySeatJob = () =>
    scene.app.db.owner.query('UPDATE graphile_worker._private_jobs SET run_at = now(), attempts = 0');
  beforeEach(async () => {
    people += 1;
    rita = await scene.app.host(`rita-${people}@example.org`);
  });

  it('follow the members as they come and go; the rest of the month is on the next invoice, by the day', async () => {
    const subscription = await scene.subscribe(rita, 'team');
    scene.stripe.books.renew(subscription, { isPaid: true });
    await scene.deliver();
    const ada = await scene.app.member(rita, 'member');
    await scene.app.member(rita, 'member');
    await scene.work();
    await scene.deliver();
    expect((await scene.see(rita)).seats).to.equal(3);
    await leave(ada);
    await scene.work();
    await scene.deliver();
    expect((await scene.see(rita)).seats).to.equal(2);
    const invoice = scene.stripe.books.renew(subscription, { isPaid: true });
    const [seats, more, less] = invoice.lines;
    expect(seats).to.deep.equal({ description: '2 × price_team', amount: 3000 });
    // The period has not begun yet: all of it is left.
    expect([more?.amount, less?.amount]).to.deep.equal([3000, -1500]);
    expect(await scene.audited(rita)).to.include.members([
      ...['plan.seats-changed {"from":1,"to":3}', 'plan.seats-changed {"from":3,"to":2}'],
    ]);
  });

  it('follow also while the payment service is away: members come at once, and are paid for once it is back', async () => {
    const subscription = await scene.subscribe(rita, 'team');
    scene.stripe.isAway = true;
    await scene.app.member(rita, 'member');
    await scene.work();
    expect((await rita.get('/api/v1/organization/members')).body.members).to.have.lengthOf(2);
    expect(quantityOf(subscription)).to.equal(1);
    scene.stripe.isAway = false;
    await everySeatJob();
    await scene.work();
    expect(quantityOf(subscription)).to.equal(2);
  });

  it('end at the number of the members when two workers change them at once', async () => {
    const subscription = await scene.subscribe(rita, 'team');
    await scene.app.member(rita, 'member');
    // One worker has counted two, and its change is on its way when the next member comes.
    const slow = scene.stripe.holdNext(/^\/v1\/subscriptions\//);
    const first = scene.work();
    await slow.isHeld;
    await scene.app.member(rita, 'member');
    await scene.work();
    expect(quantityOf(subscription)).to.equal(3);
    slow.release();
    await first;
    await scene.work();
    expect(quantityOf(subscription)).to.equal(3);
  });

  it('are those of the members when they changed between checkout and payment', async () => {
    const { body } = await scene.order(rita, 'team');
    await scene.app.member(rita, 'member');
    await fetch(body.url, { method: 'POST', redirect: 'manual' });
    await scene.deliver();
    await scene.work();
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ seats: 2, members: 2 });
  });

  it('go with an account that is deleted', async () => {
    const subscription = await scene.subscribe(rita, 'team');
    const ada = await scene.app.member(rita, 'member');
    await scene.work();
    expect(quantityOf(subscription)).to.equal(2);
    const { accountId, organization } = (await ada.get('/api/v1/me')).body;
    await inOrganization(scene.app.db.worker, organization.organizationId, tx =>
      accountDeletions.forget(tx, accountId),
    );
    await scene.work();
    expect(quantityOf(subscription)).to.equal(1);
  });

  it('are no matter where none are paid for', async () => {
    await scene.subscribe(rita, 'pro');
    const before = scene.stripe.done.length;
    await scene.app.member(rita, 'member');
    await scene.work();
    expect(scene.stripe.done.slice(before)).to.deep.equal([]);
  });
});
