import { randomUUID } from 'node:crypto';
import { audit, inOrganization, subscriptions } from '@cratersync/db';
import { createTenant, createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { plan } from './plan.ts';

describe('cratersync plan', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createTestDatabase();
  });
  after(() => db.close());

  const run = (...args: string[]) => ran(plan, args, { DATABASE_URL: db.appUrl });

  it('grants Enterprise until the end of a day, takes it back, and notes both for the organization', async () => {
    const { organizationId } = await createTenant(db);
    const seen = () =>
      inOrganization(db.app, organizationId, async tx => ({
        row: await subscriptions.current(tx),
        actions: (await audit.list(tx, {}, 2)).map(({ action, details }) => [action, details]),
      }));
    const set = await run('set', organizationId, 'enterprise', '--seats', '40', '--until', '2099-12-31');
    expect(set).to.deep.equal({
      code: exitCodes.holds,
      out: 'Done: Enterprise with 40 seats until 2099-12-31T23:59:59.999Z.',
      steps: [],
    });
    const granted = await seen();
    expect(granted.row).to.include({ enterpriseSeats: 40 });
    expect(granted.actions[0]).to.deep.equal([
      'plan.granted',
      { plan: 'enterprise', seats: 40, until: '2099-12-31T23:59:59.999Z' },
    ]);
    await run('set', organizationId, 'enterprise', '--seats', '41', '--until', '2099-12-31');
    expect((await seen()).row).to.include({ enterpriseSeats: 41 });
    expect((await run('unset', organizationId)).code).to.equal(exitCodes.holds);
    expect((await seen()).row).to.include({ enterpriseSeats: null, enterpriseUntil: null });
    expect((await seen()).actions[0]).to.deep.equal(['plan.granted', { plan: 'none' }]);
  });

  it('says what is wrong with what it is told, and does nothing then', async () => {
    const id = randomUUID();
    const good = ['set', id, 'enterprise', '--seats', '4', '--until', '2099-12-31'];
    const wrong: [string[], RegExp][] = [
      [[], /Whose plan/],
      [['set', 'nobody', ...good.slice(2)], /Whose plan/],
      [[...good, 'more'], /Whose plan/],
      [['set', id, 'team', ...good.slice(3)], /Only “set ORGANIZATION enterprise”/],
      [['grant', ...good.slice(1)], /Only “set/],
      [['unset', id, '--seats', '4'], /Only “set/],
      ...['0', '-1', '2.5', 'many', ''].map((seats): [string[], RegExp] => [
        [...good.slice(0, 3), `--seats=${seats}`, '--until', '2099-12-31'],
        /--seats/,
      ]),
      ...['tomorrow', '2099-02-31', '2099-13-01', '31/12/2099', '2020-01-01', ''].map(
        (until): [string[], RegExp] => [[...good.slice(0, 5), `--until=${until}`], /--until/],
      ),
    ];
    for (const [args, expected] of wrong) {
      const error = await run(...args).catch((thrown: unknown) => thrown);
      expect(error, args.join(' '))
        .to.be.instanceOf(UsageError)
        .with.property('message')
        .that.matches(expected);
    }
    const absent = await run(...good).catch((thrown: unknown) => thrown);
    expect(absent).to.have.property('code', 'not_found');
  });
});
