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

  it('tells how much is left, and when all of it is there again', () => {
    const limit = new RateLimit({ burst: 3, everyMs: 1000 });
    expect(limit.state('a', 0)).to.deep.equal({ left: 3, fullInMs: 0 });
    limit.take('a', 0);
    limit.take('a', 0);
    expect(limit.state('a', 0)).to.deep.equal({ left: 1, fullInMs: 2000 });
    expect(limit.state('a', 500)).to.deep.equal({ left: 1, fullInMs: 1500 });
    expect(limit.state('a', 1000)).to.deep.equal({ left: 2, fullInMs: 1000 });
    limit.take('a', 1000);
    limit.take('a', 1000);
    expect(limit.take('a', 1000)).to.be.greaterThan(0);
    expect(limit.state('a', 1000).left).to.equal(0);
    expect(limit.state('a', 9000)).to.deep.equal({ left: 3, fullInMs: 0 });
  });
});
