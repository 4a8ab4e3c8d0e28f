import { expect } from 'chai';
import { ReceiveWindow } from './receive-window.ts';

const ms = (value: number) => value * 1000;
const newWindow = () => new ReceiveWindow({ clockRateHz: 48_000, quietUs: ms(200) });
/** Packet n is sent at n × 10 ms; the RTP clock is about to wrap. */
const timestampOf = (sequence: number) => (2 ** 32 - 5000 + sequence * 480) % 2 ** 32;

/** Each comes when it is sent, or `lateMs` later. */
function receive(window: ReceiveWindow, sequences: number[], lateMs = 0): boolean[] {
  return sequences.map(sequence =>
    window.accept(sequence & 0xffff, timestampOf(sequence), ms(sequence * 10 + lateMs)),
  );
}
const row = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const lostIn = (holes: { packets: number }[]) => holes.reduce((sum, { packets }) => sum + packets, 0);

describe('the receive window', () => {
  it('takes every packet once, in any order, around the circle', () => {
    const window = newWindow();
    const sequences = [
      ...row(65_000, 65_530),
      65_540,
      65_535,
      65_536,
      ...row(65_541, 65_700),
      ...row(65_530, 65_535),
    ];
    expect(receive(window, sequences)).to.not.include(false);
    expect(receive(window, [65_540, 65_699, 65_536, 65_530])).to.deep.equal([false, false, false, false]);
    expect(lostIn(window.takeHoles(ms(1_000_000)))).to.equal(3);
  });

  it('takes a packet that is older than the first', () => {
    const window = newWindow();
    expect(receive(window, [2, 0, 1, 65_535, 65_534, 0])).to.deep.equal([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(lostIn(window.takeHoles(ms(1_000_000)))).to.equal(0);
  });

  it('gives a missing packet up after two seconds, or 1024 packets', () => {
    const window = newWindow();
    receive(window, [...row(0, 10), ...row(12, 20)]);
    expect(window.takeHoles(ms(120 + 1999))).to.deep.equal([]);
    const hole = { packets: 2, fromUs: ms(90), toUs: ms(120) };
    expect(window.takeHoles(ms(120 + 2000))).to.deep.equal([hole]);
    expect(window.takeHoles(ms(9000))).to.deep.equal([]);

    const fast = newWindow();
    for (const sequence of [0, ...row(2, 1025)]) fast.accept(sequence, 0, sequence);
    expect(fast.takeHoles(1024)).to.deep.equal([]);
    fast.accept(1025, 0, 1025);
    expect(lostIn(fast.takeHoles(1025))).to.equal(1);
  });

  it('tells nothing of what came late', () => {
    const window = newWindow();
    receive(window, [0, 1, 4, 3, 2, 5]);
    expect(window.takeHoles(ms(5000))).to.deep.equal([]);
    expect(window.takeNacks(ms(5000))).to.deep.equal([]);
  });

  it('tells the rest of a hole that was filled in part, where it is', () => {
    const window = newWindow();
    receive(window, [...row(0, 10), 15]);
    receive(window, [12], 300);
    expect(window.takeHoles(ms(5000))).to.deep.equal([
      { packets: 2, fromUs: ms(90), toUs: ms(120) },
      { packets: 2, fromUs: ms(120), toUs: ms(150) },
    ]);
  });

  it('leaves no hole where the network stood still and everything was sent again', () => {
    const window = newWindow();
    receive(window, [...row(0, 100), ...row(180, 185)]);
    receive(window, row(100, 180), 900);
    receive(window, row(185, 300));
    expect(window.takeHoles(ms(9000))).to.deep.equal([]);
    expect(window.takeReception().cumulativeLost).to.equal(0);
  });

  it('leaves no hole where packets were only held up, and finds where others were when they were', () => {
    const window = newWindow();
    receive(window, row(0, 100));
    // A queue of 1.5 s that drains, with packets 130 to 139 lost in it.
    for (const sequence of [...row(100, 130), ...row(140, 200)])
      window.accept(sequence, timestampOf(sequence), ms(2500));
    receive(window, row(200, 700));
    expect(window.takeHoles(ms(7000))).to.deep.equal([{ packets: 10, fromUs: ms(1290), toUs: ms(1400) }]);
  });

  it('tells a silence of the sender from a hole', () => {
    const window = newWindow();
    receive(window, row(0, 100));
    for (const sequence of row(100, 200))
      window.accept(sequence, timestampOf(sequence + 300), ms(sequence * 10 + 3000));
    expect(window.takeHoles(ms(9000))).to.deep.equal([{ packets: 0, fromUs: ms(990), toUs: ms(4000) }]);
  });

  it('takes no jump of the RTP clock for a silence', () => {
    for (const jump of [2 ** 31, 2 ** 32 - 48_000 * 60, 48_000 * 3600]) {
      const window = newWindow();
      receive(window, row(0, 100));
      for (const sequence of row(100, 200))
        window.accept(sequence, (timestampOf(sequence) + jump) % 2 ** 32, ms(sequence * 10));
      receive(window, row(205, 210));
      expect(window.takeHoles(ms(9000)), String(jump)).to.deep.equal([
        { packets: 5, fromUs: ms(1990), toUs: ms(2050) },
      ]);
    }
  });

  it('asks again for what is missing, not at once and not for ever', () => {
    const window = newWindow();
    receive(window, [10, 12, 13, 15]);
    const base = 0x10000;
    expect(window.takeNacks(ms(120 + 19))).to.deep.equal([]);
    expect(window.takeNacks(ms(150 + 20))).to.deep.equal([base + 11, base + 14]);
    expect(window.takeNacks(ms(150 + 40))).to.deep.equal([]);
    receive(window, [11], 90);
    expect([window.takeRecovered(), window.takeRecovered()]).to.deep.equal([1, 0]);
    let asked = 1;
    for (let at = 200; at < 2150; at += 50) asked += window.takeNacks(ms(at)).length;
    expect(asked).to.equal(10);
  });

  it('tells once that pictures will not decode: when packets are late by a second, or lost at once', () => {
    const window = newWindow();
    receive(window, [...row(0, 10), ...row(12, 20)]);
    expect(window.takeDamage(ms(120 + 999))).to.equal(false);
    expect(window.takeDamage(ms(120 + 1000))).to.equal(true);
    expect(window.takeDamage(ms(120 + 1050))).to.equal(false);
    window.takeHoles(ms(120 + 2000));
    expect(window.takeDamage(ms(120 + 2000))).to.equal(false);
    receive(window, [5000]);
    expect(window.takeDamage(ms(50_000))).to.equal(true);
  });

  for (const burst of [1025, 5000, 21_000, 32_766]) {
    it(`counts a burst of ${burst} lost packets as what it is`, () => {
      const window = newWindow();
      receive(window, row(0, 100));
      receive(window, row(100 + burst, 200 + burst));
      const holes = window.takeHoles(ms((300 + burst) * 10));
      expect(holes).to.deep.equal([{ packets: burst, fromUs: ms(990), toUs: ms((100 + burst) * 10) }]);
      expect(window.takeNacks(ms(1e6))).to.deep.equal([]);
    });
  }

  it('follows a jump of more than half the circle after two packets in a row', () => {
    const window = newWindow();
    receive(window, row(0, 100));
    expect(receive(window, row(40_000, 40_100))).to.not.include(false);
    expect(receive(window, [40_099, 40_050])).to.deep.equal([false, false]);
    expect(lostIn(window.takeHoles(ms(1e6)))).to.equal(40_000 - 100);
  });

  it('reports reception as RFC 3550 counts it', () => {
    const window = newWindow();
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
