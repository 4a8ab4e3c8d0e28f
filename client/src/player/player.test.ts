import { expect } from 'chai';
import { columns, levelFor, parsePeaksHead } from './peaks.ts';
import { following, ticks, zoomed } from './view.ts';

describe('the view of a recording', () => {
  const whole = { startS: 0, lengthS: 3600 };

  it('zooms around a place, which stays where it is, and never beyond the recording', () => {
    const closer = zoomed(whole, 0.5, 900, 3600);
    expect(closer).to.deep.equal({ startS: 450, lengthS: 1800 });
    expect(zoomed(closer, 4, 900, 3600)).to.deep.equal(whole);
    expect(zoomed(whole, 0.5, 3600, 3600)).to.deep.equal({ startS: 1800, lengthS: 1800 });
    expect(zoomed({ startS: 0, lengthS: 4 }, 0.5, 0, 3600).lengthS).to.equal(4);
    expect(zoomed({ startS: 0, lengthS: 2 }, 0.5, 0, 2).lengthS).to.equal(2);
  });

  it('turns the page when what is played leaves it', () => {
    const view = { startS: 100, lengthS: 60 };
    expect(following(view, 150, 3600)).to.equal(view);
    expect(following(view, 161, 3600)).to.deep.equal({ startS: 155, lengthS: 60 });
    expect(following(view, 3599, 3600)).to.deep.equal({ startS: 3540, lengthS: 60 });
  });

  it('writes the time at round places, as many as fit', () => {
    expect(ticks({ startS: 0, lengthS: 40 }, 6)).to.deep.equal([0, 10, 20, 30, 40]);
    expect(ticks({ startS: 95, lengthS: 60 }, 6)).to.deep.equal([100, 110, 120, 130, 140, 150]);
    expect(ticks(whole, 6)).to.deep.equal([0, 600, 1200, 1800, 2400, 3000, 3600]);
  });
});

describe('waveforms', () => {
  const head = () => {
    const bytes = Buffer.alloc(36);
    bytes.write('CSPK');
    bytes.set([1, 2], 4);
    bytes.writeUInt32LE(48_000, 8);
    for (const [level, [samples, buckets, offset]] of [
      [3840, 2, 36],
      [480, 16, 40],
    ].entries()) {
      bytes.writeUInt32LE(samples ?? 0, 12 + 12 * level);
      bytes.writeUInt32LE(buckets ?? 0, 16 + 12 * level);
      bytes.writeUInt32LE(offset ?? 0, 20 + 12 * level);
    }
    return bytes;
  };

  it('are drawn from the coarsest level that has something for every pixel', () => {
    const parsed = parsePeaksHead(head());
    expect(levelFor(parsed, 10)?.bucketSamples).to.equal(3840);
    expect(levelFor(parsed, 13)?.bucketSamples).to.equal(480);
    expect(levelFor(parsed, 1000)?.bucketSamples).to.equal(480);
    expect(() => parsePeaksHead(Buffer.from('RIFF0000'))).to.throw(RangeError);
  });

  it('show the lowest and highest of what lies under a pixel, and nothing behind the end', () => {
    const parsed = parsePeaksHead(head());
    const level = parsed.levels[1];
    if (level === undefined) throw new Error('no level');
    const buckets = Int8Array.from({ length: 32 }, (_, index) => (index % 2 === 0 ? -index : index));
    const shown = { startS: 0.1201, secondsPerPixel: 0.02, width: 3 };
    const drawn = columns(buckets, parsed, level, shown).map(({ low, high }) => [low * 127, high * 127]);
    expect(drawn.map(pair => pair.map(Math.round))).to.deep.equal([
      [-26, 27],
      [-30, 31],
      [0, 0],
    ]);
  });
});
