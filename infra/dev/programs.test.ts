import { expect } from 'chai';
import { type Assigned, environmentOf, type ProgramName, programNames, signalingUrl } from './programs.ts';
import { readSettings } from './settings.ts';

const env = {
  PATH: '/bin',
  LOG_LEVEL: 'debug',
  DATA_DIR: '/data',
  DATABASE_URL: 'postgresql://owner:owner-password@pooler/cratersync',
  DATABASE_DIRECT_URL: 'postgresql://owner:owner-password@db/cratersync',
  S3_SECRET_ACCESS_KEY: 's3-secret',
  SMTP_PASSWORD: 'smtp-password',
  SMTP_USER: 'mailer',
  MASTER_KEY_FILE: '/keys/master',
  VAULT_TOKEN: 'vault-token',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  STRIPE_SECRET_KEY: 'stripe-key',
  STRIPE_WEBHOOK_SECRET: 'stripe-webhook',
  TURN_SECRET: 'turn-secret',
};
const assigned: Assigned = {
  port: 4000,
  publicUrl: 'http://localhost:4000',
  workerPort: 4001,
  metricsPorts: { signaling: 4010, sfu: 4011, recorder: 4012, worker: 4013 },
  nodeSecret: 'node-secret',
  codePepper: 'code-pepper',
  sealingKey: 'sealing-key',
  former: {
    NODE_SECRET_PREVIOUS: 'old-node-secret',
    CODE_PEPPER_PREVIOUS: 'old-code-pepper',
    SEALING_KEY_PREVIOUS: 'old-sealing-key',
    RECEIPT_KEYS_FORMER: 'a-public-key',
  },
  inbox: { smtpPort: 4002, port: 4003 },
};
const of = (name: ProgramName, given: Partial<Assigned> = {}) =>
  environmentOf(name, env, readSettings(env), { ...assigned, ...given });

describe('what a process is told', () => {
  it('leaves out the secrets that it has no use for', () => {
    const knowing = (secret: string) => programNames.filter(name => Object.values(of(name)).includes(secret));
    for (const url of [env.DATABASE_URL, env.DATABASE_DIRECT_URL]) expect(knowing(url)).to.deep.equal([]);
    expect(knowing('s3-secret')).to.deep.equal(['recorder', 'worker']);
    for (const secret of ['/keys/master', 'vault-token', 'aws-secret'])
      expect(knowing(secret)).to.deep.equal(['recorder', 'worker']);
    expect(knowing('stripe-key')).to.deep.equal(['signaling', 'worker']);
    expect(knowing('stripe-webhook')).to.deep.equal(['signaling']);
    for (const secret of ['turn-secret', 'code-pepper']) expect(knowing(secret)).to.deep.equal(['signaling']);
    expect(knowing('sealing-key')).to.deep.equal(['signaling', 'worker']);
    expect(knowing('node-secret')).to.deep.equal(['sfu', 'recorder', 'signaling', 'worker']);
    expect(knowing('old-code-pepper')).to.deep.equal(['signaling']);
    for (const secret of ['old-node-secret', 'old-sealing-key'])
      expect(knowing(secret)).to.deep.equal(['signaling', 'worker']);
    expect(knowing('debug')).to.deep.equal([...programNames]);
  });

  it('gives each process a port for its metrics, and the inbox none', () => {
    const ports = programNames.map(name => of(name)['METRICS_PORT']);
    expect(ports).to.deep.equal([undefined, '4011', '4012', '4010', '4013']);
  });

  it('leads the mail to the inbox, or to the server that was given', () => {
    expect(of('signaling')).to.include({ SMTP_HOST: '127.0.0.1', SMTP_PORT: '4002' });
    expect(of('signaling')).not.to.have.property('SMTP_PASSWORD');
    const given = of('signaling', { inbox: undefined });
    expect(given).to.include({ SMTP_PASSWORD: 'smtp-password', SMTP_USER: 'mailer' });
    expect(given).not.to.have.property('DEV_INBOX_URL');
  });

  it('leads the nodes to signaling wherever it listens', () => {
    expect(signalingUrl('0.0.0.0', 3000)).to.equal('http://127.0.0.1:3000');
    expect(signalingUrl('10.1.2.3', 3000)).to.equal('http://10.1.2.3:3000');
    expect(signalingUrl('fd00::1', 3000)).to.equal('http://[fd00::1]:3000');
  });
});
