import { ConfigError } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { readSignalingConfig } from '../config.ts';
import { billingConfig } from './config.ts';

const whole = {
  ...{ STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' },
  ...{ STRIPE_PRICE_PRO: 'price_1,price_0', STRIPE_PRICE_TEAM: 'price_2' },
};

describe('the configuration of billing', () => {
  it('is all or nothing, and names what is missing', () => {
    const read = (env: object, isTold = true) => billingConfig(env, { isTold });
    expect(read({})).to.equal(null);
    expect(read(whole)?.prices).to.deep.equal({ pro: ['price_1', 'price_0'], team: ['price_2'] });
    for (const name of Object.keys(whole))
      expect(() => read({ ...whole, [name]: undefined }))
        .to.throw(ConfigError)
        .with.property('message')
        .that.contains(`${name} is not set`);
    // What is told by nobody has nothing to check.
    expect(read({ ...whole, STRIPE_WEBHOOK_SECRET: undefined }, false)?.secretKey).to.equal('sk_test_x');
  });

  it('refuses what is no key, without showing it', () => {
    const needed = {
      DATABASE_URL: 'postgresql://localhost/x',
      SMTP_HOST: 'localhost',
      ...{ NODE_SECRET: 'x'.repeat(32), CODE_PEPPER: 'x'.repeat(32), SEALING_KEY: 'x'.repeat(32) },
    };
    const wrong = {
      STRIPE_SECRET_KEY: 'pk_test_oops',
      STRIPE_WEBHOOK_SECRET: 'oops',
      STRIPE_PRICE_PRO: 'a b',
    };
    expect(() => readSignalingConfig({ ...needed, ...whole, ...wrong }))
      .to.throw(ConfigError)
      .with.property('message')
      .that.matches(/STRIPE_SECRET_KEY: .*\n.*STRIPE_WEBHOOK_SECRET: .*\n.*STRIPE_PRICE_PRO: /)
      .and.does.not.contain('oops');
  });
});
