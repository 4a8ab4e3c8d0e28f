import { expect } from 'chai';
import { Reorder } from './reorder.ts';

const item = (sequence: number, atUs: number) => ({ sequence, atUs });

function run(items: { sequence: number; atUs: number }[], capacity?: number): number[] {
  const reorder = new Reorder(capacity);
  const out: { sequence: number; atUs: number }[] = [];
  for (const each of items) reorder.push(each, out);
  reorder.flush(out);
  return out.map(({ sequence }) => sequence);
}

describe('reordering', () => {
  it('sorts what was overtaken, the very first included', () => {
    expect(run([item(2, 0), item(1, 10), item(4, 20), item(3, 30), item(5, 40)])).to.deep.equal([
      1, 2, 3, 4, 5,
    ]);
  });

  it('drops duplicates, waiting or passed', () => {
    expect(
      run([item(1, 0), item(1, 1), item(2, 3e6), item(2, 3e6), item(1, 3e6), item(3, 4e6)]),
    ).to.deep.equal([1, 2, 3]);
  });

  it('waits two seconds for a retransmission, and no longer', () => {
    const inTime = [item(1, 0), item(3, 1e6), item(4, 2e6), item(2, 2.9e6), item(5, 9e6)];
    expect(run(inTime)).to.deep.equal([1, 2, 3, 4, 5]);
    const tooLate = [
      item(1, 0),
      item(2, 2.5e6),
      item(4, 3e6),
      item(5, 5.5e6),
      item(3, 5.6e6),
      item(6, 5.7e6),
    ];
    expect(run(tooLate)).to.deep.equal([1, 2, 4, 5, 6]);
  });

  it('holds no more than its capacity', () => {
    const reorder = new Reorder(10);
    const out: { sequence: number; atUs: number }[] = [];
    for (let sequence = 0; sequence < 1000; sequence += 2) reorder.push(item(sequence, 0), out);
    expect(out.length).to.be.at.least(489);
  });
});
