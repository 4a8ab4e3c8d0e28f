import { expect } from 'chai';
import { ReceiveWindow } from './receive-window.ts';

const ms = (value: number) => value * 1000;

/** Packet n comes at n × 10 ms. */
function receive(window: ReceiveWindow, sequences: number[]): boolean[] {
  return sequences.map(sequence => window.accept(sequence & 0xffff, ms(sequence * 10)));
}
const row = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const lostIn = (losses: { packets: number }[]) => losses.reduce((sum, { packets }) => sum + packets, 0);

describe('the receive window', () => {
  it('takes every packet once, in any order, around the circle', () => {
    const window = new ReceiveWindow();
    const sequences = [
      ...row(65_000, 65_530),
      65_540,
      65_535,
      65_536,
      ...row(65_541, 66_000),
      ...row(65_530, 65_535),
    ];
    expect(receive(window, sequences)).to.not.include(false);
    expect(receive(window, [65_540, 65_999, 65_536, 65_530])).to.deep.equal([false, false, false, false]);
    expect(lostIn(window.takeLosses(ms(1_000_000)))).to.equal(3);
  });

  it('takes a packet that is older than the first', () => {
    const window = new ReceiveWindow();
    expect(receive(window, [2, 0, 1, 65_535, 65_534, 0])).to.deep.equal([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(window.takeLosses(ms(10_000))).to.deep.equal([]);
  });

  it('gives a missing packet up after a second, or 512 packets', () => {
    const window = new ReceiveWindow();
    receive(window, [...row(0, 10), ...row(12, 20)]);
    expect(window.takeLosses(ms(120 + 999))).to.deep.equal([]);
    const hole = { packets: 2, fromUs: ms(90), toUs: ms(120) };
    expect(window.takeLosses(ms(120 + 1000))).to.deep.equal([hole]);
    expect(window.takeLosses(ms(9000))).to.deep.equal([]);

    const fast = new ReceiveWindow();
    for (const sequence of [0, ...row(2, 600)]) fast.accept(sequence, sequence);
    expect(fast.takeLosses(600)).to.deep.equal([{ packets: 1, fromUs: 0, toUs: 2 }]);
  });

  it('tells nothing of what came late', () => {
    const window = new ReceiveWindow();
    receive(window, [0, 1, 4, 3, 2, 5]);
    expect(window.takeLosses(ms(5000))).to.deep.equal([]);
    expect(window.takeNacks(ms(5000))).to.deep.equal([]);
  });

  it('tells the rest of a hole that was filled in part as one loss', () => {
    const window = new ReceiveWindow();
    receive(window, [...row(0, 10), 15, 12]);
    expect(window.takeLosses(ms(5000))).to.deep.equal([{ packets: 4, fromUs: ms(90), toUs: ms(150) }]);
  });

  it('asks again for what is missing, not at once and not for ever', () => {
    const window = new ReceiveWindow();
    receive(window, [10, 12, 13, 15]);
    const base = 0x10000;
    expect(window.takeNacks(ms(120 + 19))).to.deep.equal([]);
    expect(window.takeNacks(ms(150 + 20))).to.deep.equal([base + 11, base + 14]);
    expect(window.takeNacks(ms(150 + 40))).to.deep.equal([]);
    window.accept(11, ms(200));
    let asked = 1;
    for (let at = 200; at < 1150; at += 50) asked += window.takeNacks(ms(at)).length;
    expect(asked).to.equal(5);
  });

  for (const burst of [513, 5000, 21_000, 32_766]) {
    it(`counts a burst of ${burst} lost packets as what it is`, () => {
      const window = new ReceiveWindow();
      receive(window, row(0, 100));
      receive(window, row(100 + burst, 200 + burst));
      const losses = window.takeLosses(ms((300 + burst) * 10));
      expect(lostIn(losses)).to.equal(burst);
      expect(losses).to.have.length(1);
      expect(window.takeNacks(ms(1e6))).to.deep.equal([]);
    });
  }

  it('follows a jump of more than half the circle after two packets in a row', () => {
    const window = new ReceiveWindow();
    receive(window, row(0, 100));
    expect(receive(window, row(40_000, 40_100))).to.not.include(false);
    expect(receive(window, [40_099, 40_050])).to.deep.equal([false, false]);
    expect(lostIn(window.takeLosses(ms(1e6)))).to.equal(40_000 - 100);
  });

  it('reports reception as RFC 3550 counts it', () => {
    const window = new ReceiveWindow();
    expect(window.takeReception()).to.deep.equal({ fractionLost: 0, cumulativeLost: 0, highestSequence: 0 });
    receive(window, row(65_530, 65_540));
    expect(window.takeReception()).to.deep.equal({
      fractionLost: 0,
      cumulativeLost: 0,
      highestSequence: 0x10000 + 3,
    });
    receive(window, [65_543]);
    expect(window.takeReception()).to.include({ fractionLost: 192, cumulativeLost: 3 });
  });
});
