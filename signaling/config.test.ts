import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { readSignalingConfig } from './config.ts';
import { operator } from './http/fixtures/operator.ts';

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

  it('shows public pages only with a file that says who runs the service', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-operator-'));
    const file = join(folder, 'operator.json');
    const problem = (OPERATOR_FILE?: string) => {
      try {
        readSignalingConfig({ ...enough, PUBLIC_PAGES: 'on', ...(OPERATOR_FILE && { OPERATOR_FILE }) });
        return '';
      } catch (error) {
        return error instanceof ConfigError ? error.problems.join() : String(error);
      }
    };
    expect(problem()).to.contain('OPERATOR_FILE is not set');
    expect(problem(file)).to.equal('OPERATOR_FILE: the file cannot be read');
    await writeFile(file, '{');
    expect(problem(file)).to.equal('OPERATOR_FILE: is not JSON');
    await writeFile(file, JSON.stringify({ ...operator, email: 'nobody' }));
    expect(problem(file)).to.match(/^OPERATOR_FILE: in the file, email: /);
    await writeFile(file, JSON.stringify(operator));
    expect(problem(file)).to.equal('');
    expect(readSignalingConfig({ ...enough, PUBLIC_PAGES: 'off' }).PUBLIC_PAGES).to.equal(false);
    await rm(folder, { recursive: true });
  });
});
