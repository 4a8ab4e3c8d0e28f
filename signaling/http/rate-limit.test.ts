import { expect } from 'chai';
import { RateLimit } from './rate-limit.ts';

describe('RateLimit', () => {
  it('lets a burst through, then one at a time', () => {
    const limit = new RateLimit({ burst: 3, everyMs: 1000 });
    expect([0, 0, 0, 10].map(nowMs => limit.take('a', nowMs))).to.deep.equal([0, 0, 0, 990]);
    expect(limit.take('b', 10)).to.equal(0);
    expect([999, 1000, 1001].map(nowMs => limit.take('a', nowMs))).to.deep.equal([1, 0, 999]);
  });

  it('allows a whole burst again after a pause', () => {
    const limit = new RateLimit({ burst: 2, everyMs: 1000 });
    expect([0, 0, 0].map(nowMs => limit.take('a', nowMs))).to.deep.equal([0, 0, 1000]);
    expect([2000, 2000, 2000].map(nowMs => limit.take('a', nowMs))).to.deep.equal([0, 0, 1000]);
  });
});
