import { accounts, unscoped } from '@cratersync/db';
import { expect } from 'chai';
import { seededRandom } from '../../test/support/random.ts';
import { rankDistance } from '../../test/support/rank-test.ts';
import { useTestApp } from './fixtures/test-app.ts';

const EACH = 80;
/** Standard deviations: by chance once in 16,000 runs. */
const APART = 4;

describe('how long an answer takes', () => {
  const test = useTestApp();

  it('does not tell whether an address has an account', async function () {
    this.timeout(120_000);
    const known = Array.from({ length: EACH }, (_, i) => `known-${i}@example.org`);
    const unknown = Array.from({ length: EACH }, (_, i) => `nobody${i}@example.org`);
    for (const email of known) await unscoped(test.db.app, tx => accounts.findOrCreate(tx, email));
    // In an order by chance: whatever else the machine does at the time meets both alike.
    const random = seededRandom(5);
    const order = [...known, ...unknown]
      .map(email => ({ email, place: random() }))
      .sort((a, b) => a.place - b.place);
    for (let i = 0; i < 5; i += 1) await ask(`warm-up-${i}@example.org`, i);
    const tookMs = new Map<string, number>();
    const bodies = new Set<string>();
    for (const [i, { email }] of order.entries()) {
      const startMs = performance.now();
      bodies.add(await ask(email, i));
      tookMs.set(email, performance.now() - startMs);
    }
    const of = (emails: string[]) => emails.map(email => tookMs.get(email) ?? Number.NaN);
    expect([...bodies]).to.deep.equal(['202 {}']);
    expect(Math.abs(rankDistance(of(known), of(unknown)))).to.be.lessThan(APART);
    // Were it twice as long, it would show: the test is no blunt one.
    const longer = of(known).map(ms => ms * 2);
    expect(rankDistance(longer, of(unknown))).to.be.greaterThan(APART);
  });

  /** From an address of its own each, so that no limit is reached. */
  async function ask(email: string, i: number): Promise<string> {
    const headers = { 'x-forwarded-for': `10.0.${Math.floor(i / 250)}.${i % 250}` };
    const { status, body } = await test.browser().send('POST', '/api/v1/sign-in/codes', { email }, headers);
    return `${status} ${JSON.stringify(body)}`;
  }
});
