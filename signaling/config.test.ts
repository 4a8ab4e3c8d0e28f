import { ConfigError } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { readSignalingConfig } from './config.ts';

const enough = {
  DATABASE_URL: 'postgresql://app:secret@127.0.0.1/cratersync',
  NODE_SECRET: 'n'.repeat(32),
  CODE_PEPPER: 'p'.repeat(32),
  SEALING_KEY: 's'.repeat(32),
  SMTP_HOST: 'mail.example.org',
};

describe('signaling’s configuration', () => {
  it('follows PORT with the address that browsers are given', () => {
    expect(readSignalingConfig({ ...enough, PORT: '8080' })).to.include({
      HOST: '127.0.0.1',
      PORT: 8080,
      PUBLIC_URL: 'http://localhost:8080',
      SMTP_PORT: 587,
      SMTP_SECURE: false,
    });
    const PUBLIC_URL = 'https://record.example.org';
    expect(readSignalingConfig({ ...enough, PUBLIC_URL, SMTP_SECURE: 'true' })).to.include({
      PUBLIC_URL,
      SMTP_SECURE: true,
    });
  });

  it('names every variable that is wrong, and shows no secret', () => {
    let message = '';
    try {
      readSignalingConfig({
        ...enough,
        PORT: '70000',
        PUBLIC_URL: 'https://example.org/cratersync',
        DATABASE_URL: 'mysql://localhost',
        CODE_PEPPER: 'too short',
        SMTP_HOST: '',
        SMTP_SECURE: 'perhaps',
      });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      message = error.message;
    }
    for (const name of ['PORT', 'PUBLIC_URL', 'DATABASE_URL', 'CODE_PEPPER', 'SMTP_HOST', 'SMTP_SECURE'])
      expect(message).to.match(new RegExp(`^\\s*${name}\\b`, 'm'));
    expect(message).not.to.contain('too short\n').and.not.to.contain('mysql');
  });
});
