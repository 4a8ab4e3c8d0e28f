import { expect } from 'chai';
import { fanOut } from './fan-out.ts';
import { Lanes } from './lanes.ts';

async function* numbers(count: number, onEnd: () => void = () => undefined) {
  try {
    for (let number = 0; number < count; number += 1) yield number;
  } finally {
    onEnd();
  }
}

describe('giving one stream to several readers', () => {
  it('gives all of it to each, never more than one part apart', async () => {
    const seen: number[][] = [[], []];
    let furthest = 0;
    const reader = (index: number) => async (parts: AsyncIterable<number>) => {
      for await (const part of parts) {
        seen[index]?.push(part);
        furthest = Math.max(furthest, Math.abs((seen[0]?.length ?? 0) - (seen[1]?.length ?? 0)));
        if (index === 1) await new Promise(resolve => setImmediate(resolve));
      }
    };
    await fanOut(numbers(50), [reader(0), reader(1)]);
    expect(seen[0]).to.deep.equal(Array.from({ length: 50 }, (_, index) => index));
    expect(seen[1]).to.deep.equal(seen[0]);
    expect(furthest).to.be.at.most(2);
  });

  it('ends all when one fails, stops early, or the source breaks', async () => {
    const drain = async (parts: AsyncIterable<number>) => {
      for await (const _ of parts);
    };
    const failing = async (parts: AsyncIterable<number>) => {
      for await (const part of parts) if (part === 3) throw new RangeError('full');
    };
    const stopping = async (parts: AsyncIterable<number>) => {
      for await (const part of parts) if (part === 3) break;
    };
    const broken = (async function* () {
      yield 1;
      throw new TypeError('torn');
    })();
    let ended = false;
    const outcome = async (work: Promise<void>) =>
      work.then(() => 'done').catch((error: Error) => error.message);
    const source = () =>
      numbers(1000, () => {
        ended = true;
      });
    expect(await outcome(fanOut(source(), [drain, failing]))).to.equal('full');
    expect(ended, 'the source is closed').to.equal(true);
    expect(await outcome(fanOut(source(), [stopping, drain]))).to.equal('a reader stopped before the end');
    expect(await outcome(fanOut(broken, [drain, drain]))).to.equal('torn');
  });
});

describe('lanes', () => {
  it('do so much at the same time and no more, in the order in which it came, whatever fails', async () => {
    const lanes = new Lanes(2);
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const work = (number: number) =>
      lanes
        .run(async () => {
          order.push(number);
          now += 1;
          most = Math.max(most, now);
          await new Promise(resolve => setImmediate(resolve));
          now -= 1;
          if (number === 1) throw new Error('failed');
        })
        .catch(() => undefined);
    await Promise.all([0, 1, 2, 3, 4].map(work));
    expect(most).to.equal(2);
    expect(order).to.deep.equal([0, 1, 2, 3, 4]);
  });
});
