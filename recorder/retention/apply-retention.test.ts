import { randomUUID } from 'node:crypto';
import {
  accounts,
  audit,
  deletions,
  inOrganization,
  keeping,
  memberships,
  sessions,
  unscoped,
} from '@cratersync/db';
import { expect } from 'chai';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { applyRetention } from './apply-retention.ts';
import { RetentionScene } from './fixtures/retention-scene.ts';

describe('keeping recordings for a time', function () {
  this.timeout(180_000);
  const scene = new RetentionScene();
  const { scoped, keepFor, recordedAgo, later, look } = scene;
  const { shown, untilOf, daysUntil, warned, expired } = scene;
  before(() => scene.open());
  beforeEach(() => scene.begin());
  after(() => scene.close());

  it('keeps everything for ever where nothing is said', async () => {
    const old = await recordedAgo('9 years');
    await look();
    await look();
    expect([await shown(), (await warned()).size, await untilOf(old)]).to.deep.equal([[old], 0, null]);
  });

  it('tells of each once, a week before, and deletes it when its time is over, as somebody would', async () => {
    await keepFor(30);
    const [young, ripe] = [await recordedAgo('22 days'), await recordedAgo('23 days')];
    await later('1 minute');
    await look();
    expect([...(await warned()).keys()]).to.deep.equal([ripe]);
    const told = await warned();
    await look();
    expect(await warned()).to.deep.equal(told);
    expect(await daysUntil(ripe)).to.be.within(6.99, 7.01);
    await later('6 days 23 hours');
    await look();
    expect((await shown()).toSorted()).to.deep.equal([young, ripe].toSorted());
    await later('1 hour 1 minute');
    await look();
    expect(await shown()).to.deep.equal([young]);
    const deletion = await scoped(tx => deletions.byId(tx, ripe));
    expect(deletion).to.include({ isExpired: true, isHeld: false, startedAt: null });
    const { rows } = await scene.db.owner.query(
      `SELECT extract(epoch FROM run_at - now())::int / 3600.0 AS hours FROM graphile_worker.jobs WHERE key = $1`,
      [`erase-recording:${scene.organizationId}:${ripe}`],
    );
    expect(Number(rows[0].hours)).to.be.within(23.9, 24.1);
    const entries = await expired();
    expect(entries.map(({ actor, target, details }) => ({ actor, target, details }))).to.deep.equal([
      { actor: { kind: 'system', id: null }, target: { kind: 'recording', id: ripe }, details: { days: 30 } },
    ]);
    expect(await scoped(tx => audit.verify(tx))).to.include({ holds: true });
  });

  it('deletes nothing within a week of being told, however short the time has become', async () => {
    const old = await recordedAgo('400 days');
    await keepFor(365);
    await keepFor(7);
    expect(await daysUntil(old)).to.be.within(6.99, 7.01);
    await look();
    await later('6 days 23 hours');
    await look();
    await look();
    expect(await shown()).to.deep.equal([old]);
    // Changed again: told again.
    await keepFor(8);
    await look();
    await later('6 days 23 hours');
    await look();
    expect(await shown()).to.deep.equal([old]);
    await later('2 hours');
    await look();
    expect(await shown()).to.deep.equal([]);
  });

  it('tells owners of all, whoever made a session of theirs, and nobody else', async () => {
    await keepFor(7);
    const newAccount = async () =>
      (await unscoped(scene.db.app, tx => accounts.findOrCreate(tx, `${randomUUID()}@example.org`)))
        .accountId;
    const [host, other, gone] = [await newAccount(), await newAccount(), await newAccount()];
    for (const id of [host, other, gone]) await scoped(tx => memberships.begin(tx, id, 'member'));
    await scoped(tx => memberships.end(tx, gone));
    await recordedAgo('60 days');
    for (const createdBy of [host, gone]) {
      scene.sessionId = (await scoped(tx => sessions.create(tx, { title: 'Tides', createdBy }))).sessionId;
      await recordedAgo('60 days');
    }
    await recordedAgo('60 days');
    await look();
    await look();
    const queued = await scene.letters();
    const letters = new Map(queued.map(({ to, letter }) => [to, letter]));
    expect([queued.length, letters.size]).to.deep.equal([2, 2]);
    expect(letters.get(scene.ownerId)).to.deep.include({
      ...{ kind: 'retention-warning', organizationName: 'Moon Radio', recordings: 4, moreSessions: 0 },
      sessions: [
        { title: 'Episode 1', recordings: 1 },
        { title: 'Tides', recordings: 1 },
        { title: 'Tides', recordings: 2 },
      ],
    });
    expect(letters.get(host)).to.deep.include({
      recordings: 1,
      sessions: [{ title: 'Tides', recordings: 1 }],
    });
    expect(Date.parse(letters.get(host).firstAt)).to.be.closeTo(Date.now() + 7 * 86_400_000, 60_000);
  });

  it('leaves alone what is being recorded, and what never began', async () => {
    await keepFor(7);
    const live = await recordedAgo('20 days');
    await scene.db.owner.query(`UPDATE app.recordings SET state = 'recording' WHERE recording_id = $1`, [
      live,
    ]);
    const refused = await recordedAgo('20 days');
    await scene.db.owner.query('UPDATE app.recordings SET began = false WHERE recording_id = $1', [refused]);
    await look();
    await later('8 days');
    await look();
    expect(await expired()).to.deep.equal([]);
  });

  it('takes a session’s own time in place of the organization’s', async () => {
    const old = await recordedAgo('60 days');
    const cases: [number, number | null, number | null][] = [
      [30, null, 7],
      [30, 0, null],
      [30, 90, 30],
      [0, 90, 30],
      [0, null, null],
      [365, 61, 7],
    ];
    for (const [organization, session, days] of cases) {
      await keepFor(organization);
      await scoped(tx => keeping.setSessionRetention(tx, scene.sessionId, session));
      if (days === null) expect(await untilOf(old), `${organization}, ${session}`).to.equal(null);
      else expect(await daysUntil(old), `${organization}, ${session}`).to.be.within(days - 0.01, days + 0.01);
    }
  });

  it('deletes nothing that is held, at whichever level; afterwards, people are told anew', async () => {
    await keepFor(7);
    const old = await recordedAgo('60 days');
    for (const held of [
      { of: 'organization' },
      { of: 'session', id: scene.sessionId },
      { of: 'recording', id: old },
    ] as const) {
      await look();
      await later('8 days');
      expect(await scoped(tx => keeping.place(tx, held, 'Case 7'))).to.equal(true);
      expect(await scoped(tx => keeping.place(tx, held, 'Case 8'))).to.equal(false);
      await look();
      await look();
      expect(await shown(), held.of).to.deep.equal([old]);
      expect((await scoped(tx => keeping.ofRecording(tx, old)))?.hold).to.include({
        of: held.of,
        reason: 'Case 7',
      });
      expect(await scoped(tx => keeping.isAnythingHeld(tx))).to.equal(true);
      // Not even by a program that has forgotten to look.
      const forced = await scoped(tx => deletions.request(tx, old, { requestedBy: null, graceMs: 0 })).catch(
        (error: { message?: string }) => error.message,
      );
      expect(forced).to.match(/is held/);
      expect(await scoped(tx => keeping.release(tx, held))).to.equal(true);
      await look();
      await look();
      expect(await shown(), held.of).to.deep.equal([old]);
      expect(await daysUntil(old)).to.be.within(6.99, 7.01);
    }
    expect(await scoped(tx => keeping.isAnythingHeld(tx))).to.equal(false);
  });

  it('does not begin to erase what was held after it was deleted', async () => {
    const old = await recordedAgo('1 day');
    await scoped(tx => deletions.request(tx, old, { requestedBy: null, graceMs: 0 }));
    await scoped(tx => keeping.place(tx, { of: 'session', id: scene.sessionId }, 'Case 7'));
    const begin = () => scene.beginErasure(old);
    expect(await begin()).to.equal(3_600_000);
    const forced = await inOrganization(scene.db.worker, scene.organizationId, tx =>
      tx.change('UPDATE app.deletions SET started_at = now() WHERE recording_id = $1', [old]),
    ).catch((error: { message?: string }) => error.message);
    expect(forced).to.match(/is held/);
    expect(await scoped(tx => deletions.byId(tx, old))).to.include({ isHeld: true, startedAt: null });
    await scoped(tx => keeping.release(tx, { of: 'session', id: scene.sessionId }));
    await begin();
    expect(await begin()).to.equal('begun');
  });

  it('lets either a hold or an erasure be first, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await recordedAgo('1 day');
      await scoped(tx => deletions.request(tx, id, { requestedBy: null, graceMs: 0 }));
      const begin = () => scene.beginErasure(id);
      await begin();
      const [begun] = await Promise.all([
        begin().catch(() => 'refused'),
        scoped(tx => keeping.place(tx, { of: 'recording', id }, 'Case 7')),
      ]);
      // What had begun is over; what was held first has not begun, and does not begin later.
      if (begun !== 'begun') expect(await begin()).to.equal(3_600_000);
    }
  });

  it('believes no clock that says so once, and no warning from the future', async () => {
    await keepFor(7);
    const old = await recordedAgo('60 days');
    await look(600_000);
    await later('7 days 1 minute');
    await look(600_000);
    await look(600_000);
    expect(await shown()).to.deep.equal([old]);
    // It was set back: what it had said does not count.
    await scene.db.owner.query(
      `UPDATE app.recordings SET due_since = now() + interval '1 day' WHERE recording_id = $1`,
      [old],
    );
    await look(600_000);
    await later('9 minutes');
    await look(600_000);
    expect(await shown()).to.deep.equal([old]);
    await later('2 minutes');
    await look(600_000);
    expect(await shown()).to.deep.equal([]);
    const other = await recordedAgo('60 days');
    await scene.db.owner.query(
      `UPDATE app.recordings SET warned_at = now() + interval '1 year' WHERE recording_id = $1`,
      [other],
    );
    await look();
    expect((await warned()).get(other)).to.be.at.most(Date.now() + 1000);
  });

  it('tells anew of what somebody has brought back, and keeps it a week', async () => {
    await keepFor(7);
    const old = await recordedAgo('60 days');
    await look();
    await later('8 days');
    await look();
    expect(await shown()).to.deep.equal([]);
    expect(await scoped(tx => deletions.undo(tx, old))).to.equal(true);
    await look();
    await look();
    expect(await shown()).to.deep.equal([old]);
    expect(await daysUntil(old)).to.be.within(6.99, 7.01);
    await later('8 days');
    await look();
    expect(await shown()).to.deep.equal([]);
  });

  it('goes on where it was killed, before any of its transactions, and does nothing twice', async () => {
    await keepFor(7);
    for (let count = 0; count < 7; count += 1) await recordedAgo('60 days');
    await look();
    await later('8 days');
    const steps = await killedAtEveryStep(
      mortal => look(0, mortal(scene.db.worker)),
      async () => {},
    );
    expect(steps).to.be.greaterThan(3);
    expect((await expired()).length).to.equal(7);
    expect(await shown()).to.deep.equal([]);
    const { rows } = await scene.db.owner.query(
      `SELECT count(*)::int AS jobs FROM graphile_worker.jobs WHERE key LIKE $1`,
      [`erase-recording:${scene.organizationId}:%`],
    );
    expect(rows[0].jobs).to.equal(7);
  });

  it('sets its next alarm first: in an hour, or when the clock has to say so again', async () => {
    const alarm = async () => {
      const { rows } = await scene.db.owner.query(
        `SELECT round(extract(epoch FROM run_at - now()) / 60)::int AS minutes FROM graphile_worker.jobs WHERE key = $1`,
        [`apply-retention:${scene.organizationId}:`],
      );
      return rows.map(row => row.minutes);
    };
    await look();
    expect(await alarm()).to.deep.equal([]);
    await keepFor(7);
    await recordedAgo('60 days');
    await look(600_000);
    expect(await alarm()).to.deep.equal([60]);
    await later('8 days');
    await look(600_000);
    expect(await alarm()).to.deep.equal([10]);
  });

  it('deletes ten thousand that are due, by two workers at once, each of them once', async () => {
    await keepFor(7);
    // So that PostgreSQL believes that there are few.
    await scene.db.owner.query('ANALYZE');
    await scene.db.owner.query(
      `INSERT INTO app.recordings (organization_id, recording_id, session_id, started_at, state, began)
       SELECT $1, gen_random_uuid(), $2, now() - interval '60 days', 'incomplete', true FROM generate_series(1, 10000)`,
      [scene.organizationId, scene.sessionId],
    );
    const fast = () =>
      applyRetention(
        { db: scene.db.worker, limits: scene.limits, log: scene.log, confirmMs: 0 },
        scene.organizationId,
      );
    await Promise.all([fast(), fast()]);
    expect((await warned()).size).to.equal(10_000);
    await later('8 days');
    await Promise.all([fast(), fast()]);
    const { rows } = await scene.db.owner.query(
      `SELECT (SELECT count(*)::int FROM app.deletions WHERE organization_id = $1) AS deletions,
         (SELECT count(*)::int FROM app.audit_entries WHERE organization_id = $1) AS entries,
         (SELECT count(*)::int FROM graphile_worker.jobs WHERE key LIKE 'erase-recording:' || $1 || '%') AS jobs`,
      [scene.organizationId],
    );
    expect(rows[0]).to.deep.equal({ deletions: 10_000, entries: 10_000, jobs: 10_000 });
    expect(await scoped(tx => audit.verify(tx))).to.include({ holds: true, entries: 10_000 });
  });
});
