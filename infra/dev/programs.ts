import { fileURLToPath } from 'node:url';
import type { SecretName } from './secrets.ts';
import type { Settings } from './settings.ts';

export const programNames = ['inbox', 'sfu', 'recorder', 'signaling', 'worker'] as const;
export type ProgramName = (typeof programNames)[number];
/** Those of them that say how they are, on a port of their own. */
export const observedPrograms = ['signaling', 'sfu', 'recorder', 'worker'] as const;
export type ObservedProgram = (typeof observedPrograms)[number];

const root = new URL('../../', import.meta.url);
const mains: Record<ProgramName, string> = {
  inbox: 'infra/dev/inbox.ts',
  sfu: 'sfu/main.ts',
  recorder: 'recorder/main.ts',
  signaling: 'signaling/main.ts',
  worker: 'recorder/worker.ts',
};

export const mainOf = (name: ProgramName): string => fileURLToPath(new URL(mains[name], root));

/**
 * Node's own options. The recorder's and the worker's buffers die young, outside V8's heap: with a small young generation they are let go
 * before their number sets off a collection of everything (docs/recorder.md); the worker asks for it besides.
 */
export const nodeOptionsOf = (name: ProgramName): string[] => [
  '--disable-warning=ExperimentalWarning',
  ...(name === 'recorder' ? ['--max-semi-space-size=4', '--initial-heap-size=64'] : []),
  ...(name === 'worker' ? ['--max-semi-space-size=2', '--expose-gc'] : []),
];

/** These never travel by accident: a process gets those of them that its entry in `environments` names. */
const guarded =
  /^(DATABASE_URL|DATABASE_DIRECT_URL|(NODE_SECRET|CODE_PEPPER|SEALING_KEY)(_PREVIOUS)?|RECEIPT_KEYS_FORMER|MASTER_KEY_FILE|KEY_PROVIDER|VAULT_.*|AWS_.*|S3_.*|SMTP_.*|STRIPE_.*|TURN_.*|MAIL_.*|DKIM_.*|DATA_DIR|HOST|PORT|METRICS_PORT)$/;

/** What a stack settles when it starts, beyond the settings it was given. */
export interface Assigned {
  port: number;
  publicUrl: string;
  workerPort: number;
  metricsPorts: Record<ObservedProgram, number>;
  nodeSecret: string;
  codePepper: string;
  sealingKey: string;
  /** What they were before they were rotated: NODE_SECRET_PREVIOUS …, and RECEIPT_KEYS_FORMER. */
  former: Record<`${SecretName}_PREVIOUS`, string | undefined> & { RECEIPT_KEYS_FORMER: string };
  /** Undefined when an SMTP server was given. */
  inbox: { smtpPort: number; port: number } | undefined;
}

/**
 * The environment of one process: what the shell gave, less other processes' secrets, plus its own. What has
 * to be made ready first (DATABASE_URL, MEDIASOUP_WORKER_BIN) is added by whoever made it ready.
 */
export function environmentOf(
  name: ProgramName,
  env: NodeJS.ProcessEnv,
  settings: Settings,
  assigned: Assigned,
): NodeJS.ProcessEnv {
  const given = Object.entries(env);
  const harmless = given.filter(([key]) => !guarded.test(key));
  const only = (pattern: RegExp) => Object.fromEntries(given.filter(([key]) => pattern.test(key)));
  const observed = observedPrograms.find(each => each === name);
  return {
    ...Object.fromEntries(harmless),
    ...(observed !== undefined && { METRICS_PORT: String(assigned.metricsPorts[observed]) }),
    ...own(name, settings, assigned, only),
  };
}

function own(
  name: ProgramName,
  settings: Settings,
  assigned: Assigned,
  only: (pattern: RegExp) => NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { former } = assigned;
  const node = {
    NODE_SECRET: assigned.nodeSecret,
    SIGNALING_URL: signalingUrl(settings.HOST, assigned.port),
  };
  const storage = {
    DATA_DIR: settings.DATA_DIR,
    ...only(/^(S3_.*|MASTER_KEY_FILE|KEY_PROVIDER|VAULT_.*|AWS_.*)$/),
  };
  switch (name) {
    case 'inbox':
      return { SMTP_PORT: String(assigned.inbox?.smtpPort), INBOX_PORT: String(assigned.inbox?.port) };
    case 'sfu':
      return node;
    case 'recorder':
      return { ...node, ...storage };
    case 'worker':
      return {
        ...storage,
        NODE_SECRET: assigned.nodeSecret,
        SEALING_KEY: assigned.sealingKey,
        NODE_SECRET_PREVIOUS: former.NODE_SECRET_PREVIOUS,
        SEALING_KEY_PREVIOUS: former.SEALING_KEY_PREVIOUS,
        WORKER_PORT: String(assigned.workerPort),
        ...mail(assigned, only),
        ...only(/^STRIPE_(?!WEBHOOK_SECRET$)/),
      };
    case 'signaling':
      return {
        HOST: settings.HOST,
        PORT: String(assigned.port),
        PUBLIC_URL: assigned.publicUrl,
        NODE_SECRET: assigned.nodeSecret,
        CODE_PEPPER: assigned.codePepper,
        SEALING_KEY: assigned.sealingKey,
        ...former,
        WORKER_URL: `http://127.0.0.1:${assigned.workerPort}`,
        ...mail(assigned, only),
        ...only(/^(STRIPE|TURN)_/),
        ...(assigned.inbox !== undefined && { DEV_INBOX_URL: `http://127.0.0.1:${assigned.inbox.port}` }),
      };
  }
}

const mail = ({ inbox }: Assigned, only: (pattern: RegExp) => NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...only(/^(MAIL_.*|DKIM_.*)$/),
  ...(inbox === undefined
    ? only(/^SMTP_/)
    : { SMTP_HOST: '127.0.0.1', SMTP_PORT: String(inbox.smtpPort), SMTP_SECURE: 'false' }),
});

/** How our own processes reach signaling: over loopback where it listens there too. */
export function signalingUrl(host: string, port: number): string {
  if (['127.0.0.1', '0.0.0.0', '::', 'localhost'].includes(host)) return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
