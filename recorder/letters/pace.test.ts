import { expect } from 'chai';
import { Pace } from './pace.ts';

const SECOND_MS = 1000;

describe('the pace of letters', () => {
  it('lets so many go to one address, then one at a time, whatever goes to others', () => {
    const pace = new Pace({ perHour: 3 });
    const wait = (email: string, atMs: number) => pace.waitMs(email, atMs);
    expect([1, 2, 3].map(() => wait('ada@example.org', 0))).to.deep.equal([0, 0, 0]);
    const waitMs = wait('ada@example.org', 0);
    expect(waitMs).to.equal(20 * 60 * SECOND_MS);
    expect(wait('rita@example.org', 0)).to.equal(0);
    expect(wait('ada@example.org', waitMs)).to.equal(0);
  });

  it('rests when the server wants less: twice as long each time, and no longer once it took a letter', () => {
    const pace = new Pace({ perHour: 1000 });
    let nowMs = 0;
    const rests = Array.from({ length: 7 }, () => {
      const restMs = pace.rest(nowMs);
      expect(pace.rest(nowMs + 1), 'told twice at once').to.equal(restMs - 1);
      expect(pace.waitMs('ada@example.org', nowMs + restMs - 1)).to.equal(1);
      nowMs += restMs;
      expect(pace.waitMs('ada@example.org', nowMs)).to.equal(0);
      return restMs / SECOND_MS;
    });
    expect(rests).to.deep.equal([30, 60, 120, 240, 480, 900, 900]);
    pace.took();
    expect(pace.rest(nowMs)).to.equal(30 * SECOND_MS);
  });
});
