import { deletions, inOrganization, keeping, sessions, subscriptions } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { PlanLimits } from '@cratersync/signaling/billing';
import { GRACE_DAYS, plans, type SubscriptionStatus } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { followPlans } from '../billing/follow-plans.ts';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { RetentionScene } from './fixtures/retention-scene.ts';

const billing = {
  ...{ secretKey: 'sk_test', webhookSecret: '', apiBase: null },
  prices: { pro: ['price_pro'], team: ['price_team'] },
};
const DAY_MS = 86_400_000;

// Nobody asks the payment service: a worker goes by what was told last.
describe('keeping recordings for as long as the plan allows', function () {
  this.timeout(60_000);
  const scene = new RetentionScene();
  const { look, scoped, keepFor } = scene;
  before(() => scene.open());
  beforeEach(() => {
    scene.limits = new PlanLimits(true);
    return scene.begin();
  });
  after(() => scene.close());

  /** What was told of the organization's subscription last; the worker learns of it when it looks. */
  const pays = (
    plan: 'pro' | 'team',
    status: SubscriptionStatus = 'active',
    pastDueSince: Date | null = null,
  ) =>
    scoped(async tx => {
      await subscriptions.hold(tx);
      const ids = { customerId: 'cus_1', subscriptionId: 'sub_1', itemId: 'si_1' };
      const dates = { renewsAt: null, trialEndsAt: null, endsAt: null, pastDueSince };
      await subscriptions.set(tx, { ...ids, ...dates, plan, status, seats: 1 }, 1);
    });
  const turn = (isBilled: boolean) => {
    scene.limits = new PlanLimits(isBilled);
  };

  it('warns a week before, of what the plan ends and what to do, and deletes it then', async () => {
    const [young, ripe, old] = [
      await scene.recordedAgo('22 days'),
      await scene.recordedAgo('23 days'),
      await scene.recordedAgo('400 days'),
    ];
    await scene.later('1 minute');
    await look();
    // Older than the plan allows already: it has the whole week, too.
    expect([...(await scene.warned()).keys()]).to.have.members([ripe, old]);
    expect(await scene.daysUntil(old)).to.be.within(6.99, 7.01);
    expect(await scene.kept(young)).to.include({ isByPlan: true });
    const [{ to, letter } = { to: null, letter: null }, ...more] = await scene.letters();
    expect([to, more]).to.deep.equal([scene.ownerId, []]);
    expect(letter).to.deep.include({
      kind: 'retention-warning',
      recordings: 2,
      plan: { name: 'free', days: plans.free.retentionDays },
    });
    await scene.later('6 days 23 hours');
    await look();
    expect(await scene.shown()).to.have.members([young, ripe, old]);
    await scene.later('2 hours');
    await look();
    expect(await scene.shown()).to.deep.equal([young]);
    expect((await scene.expired()).map(({ details }) => details)).to.deep.equal([
      { days: 30, by: 'plan' },
      { days: 30, by: 'plan' },
    ]);
    expect(await scoped(tx => deletions.byId(tx, old))).to.include({ isExpired: true, startedAt: null });
  });

  it('keeps for the shorter one of what is wanted and what the plan allows, and says which that is', async () => {
    const id = await scene.recordedAgo('1 day');
    const cases: [string, number, number | null, number | null, boolean][] = [
      ['free', 0, null, 30, true],
      ['free', 14, null, 14, false],
      ['free', 30, null, 30, false],
      ['free', 14, 0, 30, true],
      ['free', 14, 90, 30, true],
      ['pro', 365, null, 180, true],
      ['pro', 90, 3650, 180, true],
      ['pro', 0, 90, 90, false],
      ['none', 0, null, null, false],
    ];
    for (const [plan, organization, session, days, isByPlan] of cases) {
      if (plan === 'pro') await pays('pro');
      turn(plan !== 'none');
      await keepFor(organization);
      await scoped(tx => keeping.setSessionRetention(tx, scene.sessionId, session));
      await look();
      const name = `${plan}: ${organization}, ${session}`;
      expect(await scoped(tx => keeping.ofSession(tx, scene.sessionId)), name).to.include({
        keptDays: days,
        isByPlan,
      });
      expect((await scene.kept(id))?.isByPlan, name).to.equal(isByPlan);
      if (days !== null) expect(await scene.daysUntil(id), name).to.be.within(days - 1.01, days - 0.99);
    }
  });

  it('takes the warning back when a larger plan is chosen before the day, and warns anew after a smaller one', async () => {
    const id = await scene.recordedAgo('60 days');
    await look();
    await scene.later('6 days 23 hours');
    await pays('pro');
    await look();
    expect(await scene.daysUntil(id)).to.be.within(113, 113.1);
    await scene.later('8 days');
    await look();
    expect(await scene.shown()).to.deep.equal([id]);
    await pays('pro', 'canceled');
    await look();
    await look();
    expect((await scene.letters()).map(({ letter }) => letter.plan.name)).to.deep.equal(['free', 'free']);
    expect(await scene.daysUntil(id)).to.be.within(6.99, 7.01);
    await scene.later('7 days 1 hour');
    await look();
    expect(await scene.shown()).to.deep.equal([]);
  });

  it('goes by the plan that was paid for until the grace is over, with nobody there to say so', async () => {
    const id = await scene.recordedAgo('60 days');
    await pays('pro', 'past_due', new Date());
    await look();
    await scene.later(`${GRACE_DAYS - 1} days`);
    await look();
    expect([(await scene.warned()).size, await scene.shown()]).to.deep.equal([0, [id]]);
    await scene.later('1 day 1 hour');
    await look();
    expect(await scene.daysUntil(id)).to.be.within(6.99, 7.01);
    expect((await scene.letters()).length).to.equal(1);
    // Paid after all.
    await pays('pro');
    await look();
    await scene.later('8 days');
    await look();
    expect(await scene.shown()).to.deep.equal([id]);
  });

  it('keeps everything while the operator grants Enterprise, and sees by itself when that ends', async () => {
    const id = await scene.recordedAgo('900 days');
    await look();
    const until = new Date(Date.now() + 20 * DAY_MS);
    await scoped(tx => subscriptions.setEnterprise(tx, { seats: 3, until }));
    expect(await scene.kept(id)).to.include({ until: null, isByPlan: false });
    await scene.later('19 days');
    await look();
    const { rows } = await scene.db.owner.query('SELECT FROM graphile_worker.jobs WHERE key = $1', [
      `apply-retention:${scene.organizationId}:`,
    ]);
    expect([rows.length, await scene.shown()]).to.deep.equal([1, [id]]);
    await scene.later('1 day 1 hour');
    await look();
    expect(await scene.daysUntil(id)).to.be.within(6.99, 7.01);
    // Taken back by hand: the same, as soon as the worker has looked.
    await scoped(tx => subscriptions.setEnterprise(tx, { seats: 3, until }));
    await scoped(tx => subscriptions.setEnterprise(tx, null));
    await look();
    expect(await scene.kept(id)).to.include({ isByPlan: true });
  });

  it('deletes nothing that is held, whatever the plan', async () => {
    const id = await scene.recordedAgo('60 days');
    await look();
    await scoped(tx => keeping.place(tx, { of: 'recording', id }, 'Case 7'));
    await scene.later('8 days');
    await look();
    expect(await scene.shown()).to.deep.equal([id]);
    await scoped(tx => keeping.release(tx, { of: 'recording', id }));
    await look();
    expect(await scene.daysUntil(id)).to.be.within(6.99, 7.01);
  });

  it('writes two letters where some end by the organization’s own time, and others by the plan', async () => {
    await keepFor(14);
    await scene.recordedAgo('20 days');
    const tides = { title: 'Tides', createdBy: scene.ownerId };
    scene.sessionId = (await scoped(tx => sessions.create(tx, tides))).sessionId;
    await scoped(tx => keeping.setSessionRetention(tx, scene.sessionId, 365));
    await scene.recordedAgo('60 days');
    await look();
    const letters = (await scene.letters()).map(({ letter: { plan, sessions } }) => [
      plan?.name ?? null,
      sessions[0].title,
    ]);
    expect(letters).to.have.deep.members([
      [null, 'Episode 1'],
      ['free', 'Tides'],
    ]);
  });

  it('is lifted when billing is turned off, also the day before', async () => {
    const id = await scene.recordedAgo('60 days');
    await look();
    await scene.later('8 days');
    turn(false);
    await look();
    await look();
    expect([await scene.shown(), await scene.untilOf(id)]).to.deep.equal([[id], null]);
    turn(true);
    await look();
    expect(await scene.daysUntil(id)).to.be.within(6.99, 7.01);
  });

  it('says the same of an upgrade and of the worker that looks meanwhile, in whichever order they come', async () => {
    for (let round = 0; round < 10; round += 1) {
      await pays('pro', 'canceled');
      await look();
      await Promise.all([
        scoped(async tx => {
          await subscriptions.hold(tx);
          await tx.change(`UPDATE app.subscriptions SET status = 'active'`);
          await scene.limits.follow(tx);
        }),
        look(),
      ]);
      const kept = await scoped(tx => keeping.ofSession(tx, scene.sessionId));
      expect(kept, `round ${round}`).to.include({ keptDays: 180 });
    }
  });

  it('reaches every organization when billing is turned on or off, killed before any of its steps', async () => {
    const jobs = async () => {
      const { rows } = await scene.db.owner.query(
        `DELETE FROM graphile_worker._private_jobs WHERE key = $1 RETURNING id`,
        [`apply-retention:${scene.organizationId}:`],
      );
      return rows.length;
    };
    const log = createLog('test', 'silent');
    const round = (isOn: boolean, db = scene.db.worker) =>
      followPlans({ db, billing: isOn ? billing : null, log });
    await round(false);
    expect(await jobs()).to.equal(0);
    await killedAtEveryStep(
      mortal => round(true, mortal(scene.db.worker)),
      async (death, died) => {
        if (died) await round(true);
        expect(await jobs(), `death ${death}`).to.equal(1);
        // Once: the next round is made when it is turned again.
        await round(true);
        expect(await jobs(), `death ${death}`).to.equal(0);
        await round(false);
        expect(await jobs(), `death ${death}`).to.equal(1);
      },
    );
    const seen = await inOrganization(scene.db.worker, scene.organizationId, tx =>
      keeping.ofOrganization(tx),
    );
    expect(seen.retentionDays).to.equal(null);
  });
});
