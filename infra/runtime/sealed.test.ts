import { expect } from 'chai';
import { Sealer, UnsealError, webhookSecretOf } from './sealed.ts';

const key = 'a key of thirty-two characters or more';
const value = Buffer.from('whsec_something');
const purpose = webhookSecretOf('an organization', 'a webhook');

describe('sealed values', () => {
  it('open for what they were sealed for, and look different each time', () => {
    const [a, b] = [new Sealer(key).seal(value, purpose), new Sealer(key).seal(value, purpose)];
    expect(a.equals(b)).to.equal(false);
    for (const sealed of [a, b]) {
      expect(sealed.includes(value)).to.equal(false);
      expect(new Sealer(key).open(sealed, purpose).equals(value)).to.equal(true);
    }
    expect(new Sealer(key).open(new Sealer(key).seal(Buffer.alloc(0), purpose), purpose)).to.have.length(0);
  });

  it('do not open with another key, for something else, changed in any byte, or cut short', () => {
    const sealed = new Sealer(key).seal(value, purpose);
    expect(() => new Sealer(`${key}.`).open(sealed, purpose)).to.throw(UnsealError);
    expect(() => new Sealer(key).open(sealed, webhookSecretOf('another', 'a webhook'))).to.throw(UnsealError);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => new Sealer(key).open(changed, purpose), `byte ${at}`).to.throw(UnsealError);
      expect(() => new Sealer(key).open(sealed.subarray(0, at), purpose), `${at} bytes`).to.throw(
        UnsealError,
      );
    }
  });
});
