import { randomUUID } from 'node:crypto';
import { createTenant, createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { audit } from './audit.ts';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';

describe('cratersync audit', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createTestDatabase();
  });
  after(() => db.close());

  const run = (...args: string[]) => ran(audit, args, { DATABASE_URL: db.appUrl });

  it('says that a log holds, and what its head is; and from where on it does not', async () => {
    const { organizationId } = await createTenant(db);
    const whole = await run('verify', organizationId);
    expect(whole.code).to.equal(exitCodes.holds);
    expect(whole.out).to.match(/^Holds: 1 entries, head [0-9a-f]{64}$/);
    const json = await run('verify', organizationId, '--json');
    expect(JSON.parse(json.out)).to.include({ holds: true, entries: 1 });
    await db.owner.query(`UPDATE app.audit_entries SET action = 'x' WHERE organization_id = $1`, [
      organizationId,
    ]);
    const changed = await run('verify', organizationId);
    expect(changed.code).to.equal(exitCodes.doesNotHold);
    expect(changed.out).to.contain('from entry 1');
  });

  it('asks whose log it is to verify', async () => {
    for (const args of [[], ['verify'], ['verify', 'x'], [randomUUID()], ['verify', randomUUID(), 'more']])
      expect(await run(...args).catch(error => error)).to.be.instanceOf(UsageError);
  });
});
