import { randomUUID } from 'node:crypto';
import { type Database, inOrganization, memberships, notices, openDatabase, unscoped } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { killedAtEveryStep } from '../fixtures/killed.ts';
import { announceNotices } from './announce-notices.ts';

const log = createLog('test', 'silent');
const DAY_MS = 24 * 3_600_000;
const texts = {
  en: { title: 'A new mail provider', text: 'Mail is sent by Example Mail.' },
  fr: { title: 'Un nouveau prestataire', text: 'Le courrier part par Example Mail.' },
};
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

describe('notices', () => {
  let db: TestDatabase;
  let ownerDb: Database;
  let tenants: Tenant[];

  beforeEach(async () => {
    db = await createTestDatabase();
    ownerDb = openDatabase({ url: db.ownerUrl, log });
    tenants = [await createTenant(db), await createTenant(db), await createTenant(db)];
    // Theirs are not what this is about.
    await announceNotices({ db: db.worker, log });
    await db.owner.query('DELETE FROM graphile_worker._private_jobs');
  });
  afterEach(async () => {
    await ownerDb.close();
    await db.close();
  });

  const publish = (change: Partial<Parameters<typeof notices.publish>[1]> = {}) =>
    unscoped(ownerDb, tx =>
      notices.publish(tx, { kind: 'privacy', version: 1, effectiveAt: inDays(31), texts, ...change }),
    );
  const failure = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: Error) => error.message,
    );
  const letters = async () => {
    const { rows } = await db.owner.query(
      `SELECT payload FROM graphile_worker._private_jobs WHERE payload -> 'letter' ->> 'kind' = 'notice'`,
    );
    return rows.map(({ payload }) => ({ to: payload.to, letter: payload.letter }));
  };

  it('are refused by the database itself when they come sooner than a month ahead, whatever a clock says', async () => {
    expect(await failure(publish({ effectiveAt: inDays(29.9) }))).to.match(/check constraint/);
    const backdated = db.owner.query(
      `INSERT INTO app.notices (kind, version, announced_at, effective_at, title_en, text_en, title_fr, text_fr)
       VALUES ('privacy', 1, now() - interval '1 year', now() + interval '1 day', 'a', 'b', 'c', 'd')`,
    );
    expect(await failure(backdated)).to.match(/check constraint/);
    expect(await failure(publish())).to.equal('done');
    expect(await failure(publish())).to.match(/duplicate key/);
  });

  it('stay as they were published, and are published by nobody but the database’s owner', async () => {
    const { noticeId } = await publish();
    for (const change of [
      `UPDATE app.notices SET effective_at = effective_at + interval '1 day' WHERE notice_id = '${noticeId}'`,
      `UPDATE app.notices SET text_en = 'other'`,
      'DELETE FROM app.notices',
      'TRUNCATE app.notices CASCADE',
    ])
      expect(await failure(db.owner.query(change)), change).to.match(/stays as it is/);
    for (const role of [db.app, db.worker])
      expect(
        await failure(
          unscoped(role, tx =>
            notices.publish(tx, { kind: 'terms', version: 9, effectiveAt: inDays(40), texts }),
          ),
        ),
      ).to.match(/permission denied/);
  });

  it('hold from their day on, the newest version of each kind, and never earlier than a month after they were announced', async () => {
    const later = await publish({ version: 1, effectiveAt: inDays(35) });
    const sooner = await publish({ version: 2, effectiveAt: inDays(32) });
    const other = await publish({ kind: 'sub-processors', effectiveAt: inDays(33) });
    const inForce = async (days: number) =>
      (await unscoped(db.app, tx => notices.inForce(tx, inDays(days))))
        .filter(({ kind }) => kind !== 'terms')
        .map(({ noticeId }) => noticeId);
    expect(await inForce(0)).to.deep.equal([]);
    expect(await inForce(30)).to.deep.equal([]);
    expect(await inForce(32.1)).to.deep.equal([sooner.noticeId]);
    expect(await inForce(34)).to.deep.equal([sooner.noticeId, other.noticeId]);
    expect(await inForce(400)).to.deep.equal([sooner.noticeId, other.noticeId]);
    for (const { announcedAt, effectiveAt } of [later, sooner, other])
      expect(effectiveAt.getTime() - announcedAt.getTime()).to.be.at.least(30 * DAY_MS);
  });

  it('are written to every owner once, and to nobody else, also when workers die over it, or are two', async () => {
    const notice = await publish();
    const [first] = tenants;
    if (first === undefined) throw new Error('no tenant');
    await inOrganization(db.app, first.organizationId, tx =>
      memberships.setRole(tx, first.accountId, 'admin'),
    );
    const owners = tenants.slice(1).map(({ accountId }) => accountId);
    const { rows } = await db.owner.query('SELECT count(*)::int AS accounts FROM app.accounts');
    expect(rows[0].accounts).to.be.greaterThan(owners.length + 2);
    const steps = await killedAtEveryStep(
      mortal => announceNotices({ db: mortal(db.worker), log }),
      async () => {},
    );
    expect(steps).to.be.greaterThan(2);
    await Promise.all([announceNotices({ db: db.worker, log }), announceNotices({ db: db.worker, log })]);
    const sent = await letters();
    expect(sent.map(({ to }) => to).toSorted()).to.deep.equal(owners.toSorted());
    expect(sent[0]?.letter).to.deep.equal({
      ...{ kind: 'notice', texts, effectiveAt: notice.effectiveAt.toISOString() },
    });
    expect(await unscoped(db.worker, tx => notices.toMail(tx))).to.deep.equal([]);
  });

  it('are acknowledged by each owner for themselves, and shown with who did', async () => {
    const { noticeId } = await publish();
    const [first] = tenants;
    if (first === undefined) throw new Error('no tenant');
    const scoped = <T>(work: Parameters<typeof inOrganization<T>>[2]) =>
      inOrganization(db.app, first.organizationId, work);
    expect(await scoped(tx => notices.acknowledge(tx, noticeId, first.accountId))).to.equal(true);
    expect(await scoped(tx => notices.acknowledge(tx, noticeId, first.accountId))).to.equal(false);
    expect(await scoped(tx => notices.acknowledge(tx, randomUUID() as never, first.accountId))).to.equal(
      null,
    );
    const [shown] = (await scoped(tx => notices.ofOrganization(tx))).filter(row => row.noticeId === noticeId);
    expect(shown?.state).to.equal('announced');
    expect(shown?.acknowledgements.map(({ accountId }) => accountId)).to.deep.equal([first.accountId]);
  });
});
