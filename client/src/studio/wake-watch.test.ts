import { mock } from 'node:test';
import { expect } from 'chai';
import { WakeWatch } from './wake-watch.ts';

describe('waking up', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('is told once, after the clock has gone on and the timers have not', () => {
    let woke = 0;
    const watch = new WakeWatch(() => {
      woke += 1;
    });
    for (let second = 0; second < 30; second += 1) mock.timers.tick(1000);
    expect(woke).to.equal(0);
    mock.timers.setTime(Date.now() + 600_000);
    mock.timers.tick(2000);
    mock.timers.tick(2000);
    expect(woke).to.equal(1);
    watch.close();
  });
});
