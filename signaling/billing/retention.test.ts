import { expect } from 'chai';
import type { Browser } from '../http/fixtures/browser.ts';
import { GRACE_DAYS, rest } from '../protocol/index.ts';
import { BillingScene } from './fixtures/billing-scene.ts';

const DAY_MS = 86_400_000;
const inDays = (iso: string | null) => (Date.parse(iso ?? '') - Date.now()) / DAY_MS;

describe('how long recordings are kept, where there are plans', function () {
  this.timeout(60_000);
  const scene = new BillingScene();
  let rita: Browser;
  let organizationId: string;
  let sessionId: string;
  let people = 0;
  beforeEach(async () => {
    people += 1;
    rita = await scene.app.host(`rita-${people}@example.org`);
    ({ organizationId } = (await rita.get('/api/v1/me')).body.organization);
    ({ sessionId } = (await rita.post('/api/v1/sessions', { title: 'Moon talk' })).body);
  });

  const keeping = async () =>
    rest.organizationKeeping.parse((await rita.get('/api/v1/organization/keeping')).body);
  const keep = (retention: object) => rita.patch('/api/v1/organization/keeping', { retention });
  const keepSession = (retention: object) => rita.patch(`/api/v1/sessions/${sessionId}`, { retention });
  const kept = async () => (await rita.get(`/api/v1/sessions/${sessionId}`)).body.kept;
  const days = (n: number) => ({ kind: 'days', days: n });
  /** @returns what its page is told of a recording that began so long ago */
  async function recordedAgo(interval: string): Promise<() => Promise<rest.RecordingKeeping>> {
    const { rows } = await scene.app.db.owner.query(
      `INSERT INTO app.recordings (organization_id, recording_id, session_id, started_at, state, began)
       VALUES ($1, gen_random_uuid(), $2, now() - $3::interval, 'incomplete', true) RETURNING recording_id`,
      [organizationId, sessionId, interval],
    );
    return async () => (await rita.get(`/api/v1/recordings/${rows[0].recording_id}`)).body.keeping;
  }

  it('is what the plan allows from the first moment, and as soon as another is paid for or over', async () => {
    const page = await recordedAgo('10 days');
    expect(await keeping()).to.deep.equal({
      retention: { kind: 'plan' },
      plan: { name: 'free', days: 30 },
      hold: null,
    });
    expect(await kept()).to.deep.equal({ days: 30, isByPlan: true, isHeld: false });
    expect(inDays((await page()).until)).to.be.closeTo(20, 0.1);
    const subscription = await scene.subscribe(rita, 'pro');
    expect(await keeping()).to.deep.include({ plan: { name: 'pro', days: 180 } });
    expect(inDays((await page()).until)).to.be.closeTo(170, 0.1);
    await scene.change(rita, 'team');
    expect(await kept()).to.include({ days: 365, isByPlan: true });
    scene.stripe.books.cancel(subscription);
    await scene.deliver();
    expect(await kept()).to.include({ days: 30 });
    expect(await page()).to.include({ isByPlan: true });
  });

  it('stays what was paid for until the grace is over', async () => {
    const subscription = await scene.subscribe(rita, 'pro');
    const invoice = scene.stripe.books.renew(subscription, { isPaid: false });
    await scene.deliver();
    expect(await kept()).to.include({ days: 180 });
    invoice.created -= (GRACE_DAYS * DAY_MS) / 1000;
    scene.stripe.books.emit('customer.subscription.updated', subscription);
    await scene.deliver();
    expect(await kept()).to.include({ days: 30 });
    scene.stripe.books.pay(invoice);
    await scene.deliver();
    expect(await kept()).to.include({ days: 180 });
  });

  it('is told to whoever comes by a link, with that it is the plan’s', async () => {
    const { body: link } = await rita.post(`/api/v1/sessions/${sessionId}/invitations`);
    const token = String(link.url).split('#')[1];
    const preview = async () => (await scene.app.browser().post('/api/v1/join/preview', { token })).body.kept;
    expect(await preview()).to.deep.equal({ days: 30, isByPlan: true, isHeld: false });
    await keep(days(14));
    expect(await preview()).to.deep.equal({ days: 14, isByPlan: false, isHeld: false });
  });

  it('is refused where it is longer than the plan allows, with the plan’s name and what to do', async () => {
    const refusal =
      'The plan of this organization, Free, keeps recordings for 30 days at most. Choose no longer time, or have an owner choose a larger plan.';
    for (const wanted of [days(31), { kind: 'forever' }])
      for (const answer of [
        await keep(wanted),
        await keepSession(wanted),
        await rita.post('/api/v1/sessions', { title: 'Never made', retention: wanted }),
      ])
        expect([answer.status, answer.body.code, answer.body.detail]).to.deep.equal([
          ...[402, 'plan_limit', refusal],
        ]);
    const { sessions } = (await rita.get('/api/v1/sessions')).body;
    expect(sessions.map(({ title }: { title: string }) => title)).to.deep.equal(['Moon talk']);
    for (const wanted of [days(30), days(7), { kind: 'plan' }]) {
      expect((await keep(wanted)).body.retention).to.deep.equal(wanted);
      expect((await keepSession(wanted)).status).to.equal(200);
      expect((await rita.get(`/api/v1/sessions/${sessionId}`)).body.retention).to.deep.equal(wanted);
    }
  });

  it('leaves a longer time of a larger plan as it was said, and holds to the plan', async () => {
    const subscription = await scene.subscribe(rita, 'team');
    await keep(days(365));
    await keepSession(days(300));
    expect(await kept()).to.include({ days: 300, isByPlan: false });
    scene.stripe.books.cancel(subscription);
    await scene.deliver();
    expect((await keeping()).retention).to.deep.equal(days(365));
    expect(await kept()).to.include({ days: 30, isByPlan: true });
    // What is sent along unchanged, with another title, is no wish for more.
    const renamed = await rita.patch(`/api/v1/sessions/${sessionId}`, {
      title: 'Tides',
      retention: days(300),
    });
    expect(renamed.status).to.equal(200);
    expect((await keepSession(days(299))).status).to.equal(402);
  });

  it('is without end where the operator has granted Enterprise', async () => {
    const page = await recordedAgo('400 days');
    await scene.app.grant(rest.me.shape.organization.unwrap().shape.organizationId.parse(organizationId));
    expect(await page()).to.deep.equal({ until: null, isByPlan: false, hold: null });
    expect((await keeping()).plan).to.equal(null);
    expect((await keep({ kind: 'forever' })).status).to.equal(200);
  });

  it('is named where a smaller plan is chosen: how many recordings are deleted then, but none that is held', async () => {
    await scene.subscribe(rita, 'team');
    for (const age of ['40 days', '50 days', '200 days']) await recordedAgo(age);
    const misfits = async () =>
      (await scene.see(rita)).plans.map(
        each => each.misfits.find(({ what }) => what === 'recordings') ?? null,
      );
    expect(await misfits()).to.deep.equal([
      { what: 'recordings', have: 3, allowed: 30 },
      { what: 'recordings', have: 1, allowed: 180 },
      null,
      null,
    ]);
    await rita.post(`/api/v1/sessions/${sessionId}/hold`, { reason: 'Case 7' });
    expect(await misfits()).to.deep.equal([null, null, null, null]);
  });
});
