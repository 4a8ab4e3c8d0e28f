import { randomBytes } from 'node:crypto';
import {
  accounts,
  type Database,
  signInCodes,
  signInLinks,
  unreachableAddresses,
  unscoped,
} from '@cratersync/db';
import { errors, type Language } from '../protocol/index.ts';
import { CODE_LIFETIME_MS, hashCode, isCodeOf, newCode, type Peppers } from './code-hash.ts';
import { openMemberInvitation } from './members.ts';
import { hashOf, newBearer } from './secrets.ts';
import { maySignUp, type SignUp } from './sign-up.ts';

/** What was mailed to whoever wants to sign in. */
export type Issued = { code: string } | { linkToken: string };

/**
 * Makes a code for an address and this browser. Every older one of that address stops working. Where too many were
 * guessed at, it makes a link, which nobody can guess.
 */
export async function issueCode(
  db: Database,
  options: { email: string; browserHash: Buffer; pepper: string },
): Promise<Issued> {
  const { email, browserHash, pepper } = options;
  if (await unscoped(db, tx => signInCodes.isTriedOut(tx, email))) return issueLink(db, email, browserHash);
  const code = newCode();
  const salt = randomBytes(16);
  const hash = await hashCode(code, salt, pepper);
  await unscoped(db, tx =>
    signInCodes.replace(tx, { email, browserHash, salt, hash, lifetimeMs: CODE_LIFETIME_MS }),
  );
  return { code };
}

async function issueLink(db: Database, email: string, browserHash: Buffer): Promise<Issued> {
  const { secret, hash: tokenHash } = newBearer(128);
  const lifetimeMs = CODE_LIFETIME_MS;
  await unscoped(db, tx => signInLinks.replace(tx, { email, browserHash, tokenHash, lifetimeMs }));
  return { linkToken: secret };
}

/** Exchanges a mailed link's token for its account, as a code is. @throws `sign_in_link_unusable` */
export async function redeemLink(
  db: Database,
  { token, browserHash, joining }: { token: string; browserHash: Buffer; joining: Joining },
): Promise<accounts.Account> {
  const email = await unscoped(db, tx => signInLinks.use(tx, { tokenHash: hashOf(token), browserHash }));
  if (email === null) throw errors.signInLinkUnusable();
  const mayCreate = await maySignUpNow(db, email, joining);
  return unscoped(db, tx => accountOf(tx, email, mayCreate ? joining.language : null));
}

/** What decides whether somebody without an account gets one. */
export interface Joining {
  signUp: SignUp;
  /** The token of an invitation into an organization, if they came by one. */
  invitation: string | undefined;
  /** What their browser asks for: what a new account is written in. */
  language: Language;
}

async function maySignUpNow(db: Database, email: string, joining: Joining): Promise<boolean> {
  const { signUp, invitation } = joining;
  if (maySignUp(signUp, email, false)) return true;
  if (invitation === undefined) return false;
  const invited = await openMemberInvitation(db, invitation);
  return maySignUp(signUp, email, invited.email === email);
}

async function accountOf(
  tx: Parameters<typeof accounts.byEmail>[0],
  email: string,
  languageIfMade: Language | null,
): Promise<accounts.Account> {
  // What was mailed there has been read.
  await unreachableAddresses.clear(tx, email);
  if (languageIfMade !== null) return accounts.findOrCreate(tx, email, languageIfMade);
  const known = await accounts.byEmail(tx, email);
  if (known === null) throw errors.signUpClosed();
  return known;
}

/**
 * Exchanges a code for its account, which is made when it is the first time and they may have one.
 * @throws `code_wrong`, `code_unusable`, `sign_up_closed`
 */
export async function redeemCode(
  db: Database,
  options: { email: string; code: string; browserHash: Buffer; peppers: Peppers; joining: Joining },
): Promise<accounts.Account> {
  const { email, code, browserHash, peppers, joining } = options;
  // The attempt is spent in a transaction of its own, whatever comes after.
  const claimed = await unscoped(db, tx => signInCodes.claimAttempt(tx, { email, browserHash }));
  if (claimed === null) throw errors.codeUnusable();
  if (!(await isCodeOf(code, claimed.salt, claimed.hash, peppers)))
    throw errors.codeWrong(claimed.attemptsLeft);
  const mayCreate = await maySignUpNow(db, email, joining);
  return unscoped(db, async tx => {
    if (!(await signInCodes.use(tx, claimed.codeId))) throw errors.codeUnusable();
    return accountOf(tx, email, mayCreate ? joining.language : null);
  });
}
