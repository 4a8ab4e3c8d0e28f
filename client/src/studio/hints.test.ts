import { expect } from 'chai';
import { ClipWatch, EchoWatch, isDark } from './hints.ts';

describe('hints', () => {
  it('tell that a microphone clips, and not that it was knocked against', () => {
    const watch = new ClipWatch();
    expect([0, 200].map(ms => watch.look(0, ms))).to.deep.equal([false, false]);
    expect(watch.look(-20, 4_000)).to.equal(false);
    expect([5_000, 5_200, 5_400].map(ms => watch.look(-0.1, ms))).to.deep.equal([false, false, true]);
    expect(watch.look(-20, 13_000)).to.equal(true);
    expect(watch.look(-20, 14_000)).to.equal(false);
  });

  it('tell that a microphone hears the others, and not that people talk with each other', () => {
    const run = (watch: EchoWatch, loud: (othersSpeak: boolean, n: number) => boolean) =>
      Array.from({ length: 200 }, (_, n) => {
        const othersSpeak = n % 20 < 12;
        return watch.look(othersSpeak, loud(othersSpeak, n));
      }).at(-1);
    expect(run(new EchoWatch(), othersSpeak => othersSpeak)).to.equal(true);
    expect(run(new EchoWatch(), othersSpeak => !othersSpeak)).to.equal(false);
    expect(run(new EchoWatch(), () => true)).to.equal(false);
    expect(run(new EchoWatch(), (_, n) => n % 3 === 0)).to.equal(false);
    expect(new EchoWatch().look(true, true)).to.equal(false);
    // An echo comes after the voice: here it is the others', there it is one's own that comes back.
    const speaks = (n: number) => n % 20 < 12;
    expect(run(new EchoWatch(), (_, n) => speaks(n - 1))).to.equal(true);
    expect(run(new EchoWatch(), (_, n) => speaks(n + 1))).to.equal(false);
  });

  it('tell a dark picture from a bright one', () => {
    const picture = (value: number) => new Uint8ClampedArray(64).fill(value);
    expect([isDark(picture(20)), isDark(picture(120)), isDark(new Uint8ClampedArray(0))]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
});
