import { expect } from 'chai';
import { isForTerminal, isWorthShowing, readableLine } from './log-lines.ts';

const time = new Date(2026, 0, 2, 3, 4, 5).getTime();

describe('log lines', () => {
  it('are readable', () => {
    const line = JSON.stringify({ level: 30, time, name: 'sfu', msg: 'ready', rooms: 2, node: 'a' });
    expect(readableLine('sfu', line)).to.equal('03:04:05 sfu        ready rooms=2 node=a');
  });

  it('say how bad it is, with the stack', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at here' };
    const line = JSON.stringify({ level: 50, time, name: 'sfu', msg: 'failed', err });
    expect(readableLine('sfu', line)).to.equal(
      '03:04:05 sfu        ERROR failed\n    Error: no\n        at here',
    );
  });

  it('are taken as they come when they are no JSON', () => {
    expect(readableLine('worker', 'Segmentation fault')).to.match(/ worker {5}Segmentation fault$/);
    expect(readableLine('worker', '{ "half')).to.match(/\{ "half$/);
  });

  it('of single requests are not for a terminal, unless something is wrong', () => {
    const line = (level: number, msg: string) => JSON.stringify({ level, time, msg });
    const shown = [
      line(30, 'request'),
      line(30, 'command'),
      line(30, 'ready'),
      line(50, 'request'),
      'a word',
    ];
    expect(shown.map(isForTerminal)).to.deep.equal([false, false, true, true, true]);
  });

  it('of postgres are shown when something is wrong with the server', () => {
    expect(isWorthShowing('… UTC [1] LOG:  database system is ready')).to.equal(false);
    expect(isWorthShowing('… UTC [1] ERROR:  duplicate key')).to.equal(false);
    expect(isWorthShowing('… UTC [1] FATAL:  could not write')).to.equal(true);
  });
});
