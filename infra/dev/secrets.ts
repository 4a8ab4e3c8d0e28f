import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemErrorCode } from './start-error.ts';

/** What the launcher makes where nobody sets it: the file in `secrets`, by the variable that takes its place. */
export const secretFiles = {
  NODE_SECRET: 'node',
  CODE_PEPPER: 'code-pepper',
  SEALING_KEY: 'sealing-key',
} as const;
export type SecretName = keyof typeof secretFiles;

/** The public keys of receipts that were signed before the sealing key was changed, one a line. */
const FORMER_RECEIPT_KEYS = 'former-receipt-keys';

/**
 * A random secret (256 bits, base64url: safe in a URL) that is made once and then stays the same until it is rotated: the
 * file `secrets/NAME` in the data folder, readable by its owner alone.
 */
export function readOrMakeSecret(dataDir: string, name: string): string {
  const file = fileOf(dataDir, name);
  const found = readIfThere(file);
  if (found !== undefined) return found;
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = writeDraft(file, newSecret());
  try {
    // Linked, not renamed: whoever comes second keeps the first one's secret.
    linkSync(draft, file);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
  rmSync(draft);
  return readFileSync(file, 'utf8').trim();
}

/** @returns undefined when none was made */
export const readSecret = (dataDir: string, name: string): string | undefined =>
  readIfThere(fileOf(dataDir, name));

/** What the secret was before, as long as something needs that. */
export const readPrevious = (dataDir: string, name: string): string | undefined =>
  readIfThere(fileOf(dataDir, `${name}.previous`));

/** Makes another secret, and keeps the one before beside it. @returns false when the one before that is still there */
export function rotateSecret(dataDir: string, name: string): boolean {
  const file = fileOf(dataDir, name);
  const current = readIfThere(file);
  const previous = readPrevious(dataDir, name);
  // Killed between its two steps, both are the same: that is gone on with.
  if (previous !== undefined && previous !== current) return false;
  if (current !== undefined) renameSync(writeDraft(file, current), `${file}.previous`);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  renameSync(writeDraft(file, newSecret()), file);
  return true;
}

/** Nothing needs the one before any more. @returns false when there is none */
export function forgetPrevious(dataDir: string, name: string): boolean {
  if (readPrevious(dataDir, name) === undefined) return false;
  rmSync(fileOf(dataDir, `${name}.previous`));
  return true;
}

export const formerReceiptKeys = (dataDir: string): string[] =>
  (readIfThere(fileOf(dataDir, FORMER_RECEIPT_KEYS)) ?? '').split('\n').filter(key => key !== '');

/** Keeps it for good: receipts are shown for years. */
export function keepReceiptKey(dataDir: string, publicKey: string): void {
  const file = fileOf(dataDir, FORMER_RECEIPT_KEYS);
  const keys = new Set([...formerReceiptKeys(dataDir), publicKey]);
  renameSync(writeDraft(file, [...keys].join('\n')), file);
}

const fileOf = (dataDir: string, name: string) => path.join(dataDir, 'secrets', name);
const newSecret = () => randomBytes(32).toString('base64url');

function writeDraft(file: string, text: string): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${text}\n`, { mode: 0o600, flush: true });
  return draft;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
