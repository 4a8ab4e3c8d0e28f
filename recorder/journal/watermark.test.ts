import { expect } from 'chai';
import { Watermark } from './watermark.ts';

describe('the watermark of a track', () => {
  const chunk = (sequence: number, startUs: number) => ({ epoch: 1, sequence, startUs });

  it('stands where the chunk begins that is being written', () => {
    expect(new Watermark().safeUs(10_000_000, 12_000_000)).to.equal(10_000_000);
  });

  it('follows the disk while nothing is on its way', () => {
    expect(new Watermark().safeUs(null, 12_000_000)).to.equal(12_000_000);
  });

  it('waits for the oldest chunk that is not stored, whatever order the store takes them in', () => {
    const watermark = new Watermark();
    watermark.sealed(chunk(0, 0));
    watermark.sealed(chunk(1, 10_000_000));
    watermark.settled(chunk(1, 10_000_000));
    expect(watermark.safeUs(20_000_000, 21_000_000)).to.equal(0);
    watermark.settled(chunk(0, 0));
    expect(watermark.safeUs(20_000_000, 21_000_000)).to.equal(20_000_000);
  });

  it('never runs ahead of the disk', () => {
    expect(new Watermark().safeUs(5_000_000, 4_800_000)).to.equal(4_800_000);
  });
});
