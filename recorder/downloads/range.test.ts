import { expect } from 'chai';
import { parseRange } from './range.ts';

describe('byte ranges', () => {
  it('are read as RFC 9110 says', () => {
    expect(parseRange('bytes=0-99', 1000)).to.deep.equal({ start: 0, end: 99 });
    expect(parseRange('bytes=900-', 1000)).to.deep.equal({ start: 900, end: 999 });
    expect(parseRange('bytes=-100', 1000)).to.deep.equal({ start: 900, end: 999 });
    expect(parseRange('bytes=-5000', 1000)).to.deep.equal({ start: 0, end: 999 });
    expect(parseRange('bytes=990-5000', 1000)).to.deep.equal({ start: 990, end: 999 });
  });

  it('are refused where the file has no such bytes', () => {
    expect(parseRange('bytes=1000-', 1000)).to.equal('unsatisfiable');
    expect(parseRange('bytes=-0', 1000)).to.equal('unsatisfiable');
  });

  it('are ignored where they are not understood', () => {
    for (const header of [
      undefined,
      '',
      'bytes=',
      'bytes=-',
      'items=0-1',
      'bytes=5-2',
      'bytes=0-1,4-5',
      'bytes=a-b',
    ]) {
      expect(parseRange(header, 1000), String(header)).to.equal(null);
    }
  });
});
