import { expect } from 'chai';
import { clockTime, fileSize } from './format.ts';
import { columnsFor, initials } from './studio/names.ts';

describe('figures in words', () => {
  it('shows time as mm:ss, with hours only when there are any', () => {
    expect(clockTime(0)).to.equal('00:00');
    expect(clockTime(59_999)).to.equal('00:59');
    expect(clockTime(3_599_000)).to.equal('59:59');
    expect(clockTime(3_600_000)).to.equal('1:00:00');
  });

  it('shows sizes in decimal units', () => {
    expect(fileSize(0)).to.equal('0 bytes');
    expect(fileSize(1_500)).to.equal('1.5 kB');
    expect(fileSize(999_960)).to.equal('1.0 MB');
    expect(fileSize(108_576_044)).to.equal('109 MB');
  });

  it('takes initials of the first and the last word', () => {
    expect(initials('Ada King Lovelace')).to.equal('AL');
    expect(initials('  grace ')).to.equal('G');
    expect(initials('🌙 Moon')).to.equal('🌙M');
  });

  it('keeps tiles as large as they go', () => {
    expect([1, 2, 4, 5, 9, 10].map(columnsFor)).to.deep.equal([1, 2, 2, 3, 3, 4]);
  });
});
