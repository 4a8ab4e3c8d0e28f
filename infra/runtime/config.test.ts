import { expect } from 'chai';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';

const shape = {
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int(),
  SECRET: z.string().min(8),
};

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(shape, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

describe('readConfig', () => {
  it('parses what the shape names and leaves the rest out', () => {
    expect(readConfig(shape, { PORT: '3000', SECRET: 'long enough', HOME: '/' })).to.deep.equal({
      HOST: '127.0.0.1',
      PORT: 3000,
      SECRET: 'long enough',
    });
  });

  it('takes an empty string as unset', () => {
    expect(readConfig(shape, { HOST: '', PORT: '1', SECRET: 'long enough' }).HOST).to.equal('127.0.0.1');
    expect(problems({ PORT: '1', SECRET: '' })).to.deep.equal(['SECRET is not set']);
  });

  it('names every bad variable, and no value', () => {
    const found = problems({ PORT: 'x', SECRET: 'hunter2' });
    expect(found.map(line => line.split(':')[0])).to.deep.equal(['PORT', 'SECRET']);
    expect(found.join()).not.to.contain('hunter2');
  });
});
