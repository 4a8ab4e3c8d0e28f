import { expect } from 'chai';
import type { Browser } from '../http/fixtures/browser.ts';
import { routesOf } from '../http/fixtures/routes-of.ts';
import { useTestApp } from '../http/fixtures/test-app.ts';
import { GRACE_DAYS, TRIAL_DAYS } from '../protocol/index.ts';
import { BillingScene } from './fixtures/billing-scene.ts';

const DAY_MS = 24 * 3_600_000;
const inDays = (iso: string | null) => (Date.parse(iso ?? '') - Date.now()) / DAY_MS;

describe('billing', function () {
  this.timeout(60_000);
  const scene = new BillingScene();
  let rita: Browser;
  let people = 0;
  beforeEach(async () => {
    people += 1;
    rita = await scene.app.host(`rita-${people}@example.org`);
  });

  it('begins with Free, and tells what each plan allows and costs', async () => {
    const seen = await scene.see(rita);
    expect(seen).to.include({ plan: 'free', status: null, seats: null, members: 1, renewsAt: null });
    expect(seen).to.include({ trialDays: TRIAL_DAYS, recordedHours: 0, hasAccount: false });
    expect(seen.plans.map(({ plan, price }) => [plan, price?.amount ?? null])).to.deep.equal([
      ...[
        ['free', null],
        ['pro', 1900],
        ['team', 1500],
        ['enterprise', null],
      ],
    ]);
    expect(seen.plans[0]?.limits).to.include({ recordedHours: 2, people: 4 });
    expect((await rita.get('/api/v1/me')).body.isBilled).to.equal(true);
  });

  it('leads to the payment service’s own page, and shows the plan with seats and renewal once it is paid for', async () => {
    await scene.app.member(rita, 'member');
    const { status, body } = await scene.order(rita, 'team');
    expect(status).to.equal(201);
    expect(body.url).to.match(new RegExp(`^${scene.stripe.url}/pay/`));
    expect((await scene.see(rita)).plan).to.equal('free');
    await scene.subscribe(rita, 'team');
    const seen = await scene.see(rita);
    expect(seen).to.include({ plan: 'team', status: 'trialing', seats: 2, trialDays: null, endsAt: null });
    expect(inDays(seen.renewsAt)).to.be.closeTo(TRIAL_DAYS, 0.1);
    expect(seen.trialEndsAt).to.equal(seen.renewsAt);
    expect(await scene.audited(rita)).to.deep.equal([
      'plan.changed {"from":"free","to":"team"}',
      'plan.ordered {"plan":"team"}',
      'plan.ordered {"plan":"team"}',
    ]);
    const portal = await scene.portal(rita);
    expect([portal.status, portal.body.url]).to.deep.equal([
      201,
      `${scene.stripe.url}/portal/${[...scene.stripe.books.customers.keys()].at(-1)}`,
    ]);
  });

  it('makes one customer and one checkout of two clicks, and closes what was begun for another plan', async () => {
    const [first, second] = await Promise.all([scene.order(rita, 'pro'), scene.order(rita, 'pro')]);
    expect(first.body.url).to.equal(second.body.url);
    expect((await scene.order(rita, 'pro')).body.url).to.equal(first.body.url);
    const { books } = scene.stripe;
    const customers = [...books.customers.values()].filter(
      each => each.email === `rita-${people}@example.org`,
    );
    expect(customers).to.have.lengthOf(1);
    await scene.order(rita, 'team');
    const states = [...books.checkouts.values()]
      .filter(({ customer }) => customer === customers[0]?.id)
      .map(({ status }) => status);
    expect(states).to.deep.equal(['expired', 'open']);
  });

  it('sells no second subscription, also before the first one’s event has come', async () => {
    const { body } = await scene.order(rita, 'pro');
    await fetch(body.url, { method: 'POST', redirect: 'manual' });
    const again = await scene.order(rita, 'team');
    expect([again.status, again.body.code]).to.deep.equal([409, 'conflict']);
    expect((await scene.see(rita)).plan).to.equal('pro');
    await scene.deliver();
  });

  it('changes the plan at once, and puts the difference on the next invoice', async () => {
    const subscription = await scene.subscribe(rita, 'pro');
    scene.stripe.books.renew(subscription, { isPaid: true });
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ plan: 'pro', status: 'active', seats: null });
    const { status, body } = await scene.change(rita, 'team');
    expect([status, body.plan, body.seats]).to.deep.equal([200, 'team', 1]);
    const invoice = scene.stripe.books.renew(subscription, { isPaid: true });
    expect(invoice.lines.map(({ description }) => description)).to.deep.equal([
      ...['1 × price_team', 'Remaining time: 1 × price_team'],
    ]);
    expect(invoice.amount_due).to.be.lessThan(1500);
  });

  it('ends with what is paid for when Free is chosen, and goes on when that is taken back', async () => {
    const subscription = await scene.subscribe(rita, 'pro');
    const ending = (await scene.change(rita, 'free')).body;
    expect(ending).to.include({ plan: 'pro', renewsAt: null });
    expect(inDays(ending.endsAt)).to.be.closeTo(TRIAL_DAYS, 0.1);
    const back = (await scene.change(rita, 'pro')).body;
    expect([back.plan, back.endsAt]).to.deep.equal(['pro', null]);
    await scene.change(rita, 'free');
    scene.stripe.books.cancel(subscription);
    await scene.deliver();
    expect(await scene.see(rita)).to.include({
      plan: 'free',
      status: null,
      trialDays: null,
      hasAccount: true,
    });
    expect((await scene.audited(rita)).map(line => line.split(' ')[0])).to.deep.equal([
      ...['plan.changed', 'plan.end-planned', 'plan.end-recalled', 'plan.end-planned', 'plan.changed'],
      'plan.ordered',
    ]);
    // One trial is all there is.
    const again = await scene.subscribe(rita, 'pro');
    expect(again.status).to.equal('active');
  });

  it('goes on for a while after a payment has failed, then is Free, and is back when it is paid', async () => {
    const subscription = await scene.subscribe(rita, 'pro');
    const invoice = scene.stripe.books.renew(subscription, { isPaid: false });
    await scene.deliver();
    const late = await scene.see(rita);
    expect(late).to.include({ plan: 'pro', status: 'past_due' });
    expect(inDays(late.graceEndsAt)).to.be.closeTo(GRACE_DAYS, 0.1);
    invoice.created -= (GRACE_DAYS * DAY_MS) / 1000;
    scene.stripe.books.emit('customer.subscription.updated', subscription);
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ plan: 'free', subscribed: 'pro', status: 'past_due' });
    expect((await scene.order(rita, 'pro')).body.detail).to.contain('Payments and receipts');
    scene.stripe.books.pay(invoice);
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ plan: 'pro', status: 'active', graceEndsAt: null });
  });

  it('names what would not fit a smaller plan any more', async () => {
    await scene.subscribe(rita, 'team');
    for (let i = 0; i < 5; i += 1) await scene.app.member(rita, 'member');
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Long' });
    const { organization } = (await rita.get('/api/v1/me')).body;
    const recorded = (startedAt: string, hours: number, format: string | null) =>
      scene.app.db.owner.query(
        `WITH made AS (
           INSERT INTO app.recordings (organization_id, recording_id, session_id, state, started_at, duration_ms, began,
             manifest_key, merkle_root)
           VALUES ($1, gen_random_uuid(), $2, 'complete', ${startedAt}, $3, true, 'key', repeat('ab', 32))
           RETURNING organization_id, recording_id)
         INSERT INTO app.renders (organization_id, recording_id, format)
         SELECT organization_id, recording_id, $4::text FROM made WHERE $4::text IS NOT NULL`,
        [organization.organizationId, session.sessionId, hours * 3_600_000, format],
      );
    await recorded('now()', 3, 'grid');
    await recorded(`now() - interval '40 days'`, 1, null);
    await scene.app.db.owner.query(
      `INSERT INTO app.customer_keys (organization_id, key_arn) VALUES ($1, 'arn:aws:kms:x')`,
      [organization.organizationId],
    );
    const { plans, recordedHours } = await scene.see(rita);
    expect(recordedHours).to.equal(3);
    const misfits = Object.fromEntries(plans.map(each => [each.plan, each.misfits]));
    expect(misfits).to.deep.equal({
      free: [
        { what: 'members', have: 6, allowed: 2 },
        { what: 'hours', have: 3, allowed: 2 },
        { what: 'recordings', have: 1, allowed: 30 },
        { what: 'ownKey' },
        { what: 'formats', formats: ['grid'] },
      ],
      pro: [{ what: 'members', have: 6, allowed: 5 }, { what: 'ownKey' }],
      team: [],
      enterprise: [],
    });
  });

  it('is not what holds while the operator grants Enterprise, and holds again afterwards', async () => {
    await scene.subscribe(rita, 'pro');
    const { organizationId } = (await rita.get('/api/v1/me')).body.organization;
    const grant = (until: string) =>
      scene.app.db.owner.query(
        `UPDATE app.subscriptions SET enterprise_seats = 3, enterprise_until = ${until} WHERE organization_id = $1`,
        [organizationId],
      );
    await grant(`now() + interval '1 hour'`);
    expect(await scene.see(rita)).to.include({
      plan: 'enterprise',
      seats: 3,
      subscribed: 'pro',
      renewsAt: null,
    });
    expect((await scene.order(rita, 'team')).body.detail).to.match(/^The organization has Enterprise/);
    for (let i = 0; i < 2; i += 1) await scene.app.member(rita, 'member');
    const fourth = { email: 'fourth@example.org', role: 'member' };
    const refused = await rita.post('/api/v1/organization/invitations', fourth);
    expect([refused.status, refused.body.code]).to.deep.equal([402, 'plan_limit']);
    await grant(`now() - interval '1 second'`);
    expect(await scene.see(rita)).to.include({ plan: 'pro', seats: null });
  });

  it('is for owners; admins see it, members do not', async () => {
    const admin = await scene.app.member(rita, 'admin');
    expect((await scene.see(admin)).plan).to.equal('free');
    for (const answer of [
      await scene.order(admin, 'pro'),
      await scene.portal(admin),
      await scene.change(admin, 'free'),
    ])
      expect([answer.status, answer.body.detail.startsWith('Only owners ')]).to.deep.equal([403, true]);
  });

  it('says what to do where there is nothing to change or to see', async () => {
    for (const answer of [await scene.portal(rita), await scene.change(rita, 'free')])
      expect([answer.status, answer.body.detail]).to.satisfy(
        ([status, detail]: [number, string]) => status === 409 && detail.endsWith('Choose a plan first.'),
      );
    for (const plan of ['enterprise', 'gold', '', null])
      expect((await rita.post('/api/v1/organization/billing/checkout', { plan })).status).to.equal(400);
  });
});

describe('billing that is off', () => {
  const test = useTestApp();

  it('is not there: no route, no word in the API’s document, no sign of it to a page, no limit', async () => {
    const rita = await test.host('rita@example.org');
    expect(routesOf(test.app).filter(route => /billing|stripe/.test(route))).to.deep.equal([]);
    for (const path of ['/api/v1/organization/billing', '/webhooks/stripe'])
      expect((await rita.post(path)).status).to.equal(404);
    expect(JSON.stringify((await rita.get('/api/v1/openapi.json')).body.paths)).not.to.match(/billing/);
    expect((await rita.get('/api')).body).not.to.match(/organization\/billing/);
    expect((await rita.get('/api/v1/me')).body.isBilled).to.equal(false);
    for (let i = 0; i < 3; i += 1) await test.member(rita, 'member');
    expect((await rita.get('/api/v1/organization/members')).body.members).to.have.lengthOf(4);
  });
});
