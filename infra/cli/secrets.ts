import { Signer } from '@cratersync/infra/runtime';
import { z } from 'zod';
import {
  forgetPrevious,
  keepReceiptKey,
  readPrevious,
  rotateSecret,
  type SecretName,
  secretFiles,
} from '../dev/secrets.ts';
import { readConfig } from '../runtime/index.ts';
import { exitCodes, type Io, UsageError } from './command.ts';

/** How each is called on the command line, and for how long the one before it is needed. */
export const secrets: Record<string, { variable: SecretName; until: string }> = {
  node: { variable: 'NODE_SECRET', until: 'every process runs with the new one' },
  'code-pepper': { variable: 'CODE_PEPPER', until: 'signaling has run with the new one for 10 minutes' },
  sealing: {
    variable: 'SEALING_KEY',
    until:
      'signaling and the worker have run with the new one for a day, and each webhook was sent something',
  },
};

/** Rotates a secret that the launcher has made; of one that somebody sets, it says how. */
export function rotateNamedSecret(name: string, isFinish: boolean, io: Io): number {
  const secret = secrets[name];
  if (secret === undefined) throw new UsageError(`There is no secret “${name}”.`);
  const { variable, until } = secret;
  const { DATA_DIR } = readConfig({ DATA_DIR: z.string().default('./.data') }, io.env);
  if (io.env[variable] !== undefined)
    throw new UsageError(
      `${variable} is set by its variable. Set ${variable}_PREVIOUS to what it is, and ${variable} to another one ` +
        `(openssl rand -base64 32), and restart the processes. Take ${variable}_PREVIOUS away when ${until}.`,
    );
  return isFinish ? finish(DATA_DIR, name, variable, io) : begin(DATA_DIR, name, secret, io);
}

function begin(
  dataDir: string,
  name: string,
  secret: { variable: SecretName; until: string },
  io: Io,
): number {
  if (!rotateSecret(dataDir, secretFiles[secret.variable])) {
    io.complain(
      `The last rotation of ${name} is not finished: end it with cratersync keys rotate ${name} --finish when ${secret.until}.`,
    );
    return exitCodes.doesNotHold;
  }
  io.print(
    `There is a new ${name} secret; the one before is still taken. Restart CraterSync, and when ${secret.until}, run ` +
      `cratersync keys rotate ${name} --finish.`,
  );
  return exitCodes.holds;
}

function finish(dataDir: string, name: string, variable: SecretName, io: Io): number {
  const file = secretFiles[variable];
  const previous = readPrevious(dataDir, file);
  if (previous !== undefined && variable === 'SEALING_KEY')
    keepReceiptKey(dataDir, new Signer(previous).publicKey);
  io.print(
    forgetPrevious(dataDir, file)
      ? `The ${name} secret from before is gone. Restart CraterSync, and it is taken no more.`
      : `There is no ${name} secret from before.`,
  );
  return exitCodes.holds;
}
