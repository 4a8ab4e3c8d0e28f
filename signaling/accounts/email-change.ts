import { randomBytes } from 'node:crypto';
import {
  accounts,
  asAccountAndInEach,
  audit,
  type Database,
  emailChanges,
  unreachableAddresses,
  unscoped,
  webSessions,
} from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import { type DeviceId, errors } from '../protocol/index.ts';
import { CODE_LIFETIME_MS, hashCode, isCodeOf, newCode, type Peppers } from './code-hash.ts';

/** Somebody who is signed in, in which browser. */
interface Person {
  account: accounts.Account;
  browserHash: Buffer;
}

/** One code for each mailbox: whoever holds only the browser, or only one of the two, changes nothing. */
export interface IssuedChange {
  pending: emailChanges.PendingChange;
  oldCode: string;
  newCode: string;
}

/** Writes down the wish to have another address. Whether somebody else has it, it does not tell. */
export async function askForEmailChange(
  db: Database,
  { account, browserHash }: Person,
  { newEmail, pepper }: { newEmail: string; pepper: string },
): Promise<IssuedChange> {
  if (newEmail === account.email) throw errors.conflict('That is the address of your account already.');
  const codes = { oldCode: newCode(), newCode: newCode() };
  const salt = randomBytes(16);
  const [oldHash, newHash] = await Promise.all([
    hashCode(`old ${codes.oldCode}`, salt, pepper),
    hashCode(`new ${codes.newCode}`, salt, pepper),
  ]);
  const pending = await unscoped(db, tx =>
    emailChanges.replace(tx, {
      accountId: account.accountId,
      browserHash,
      oldEmail: account.email,
      newEmail,
      salt,
      oldHash,
      newHash,
      lifetimeMs: CODE_LIFETIME_MS,
    }),
  );
  return { pending, ...codes };
}

/**
 * Changes the address once both codes are right, and signs out everywhere but here. The account's organizations have it
 * in their audit logs.
 * @returns the new address
 * @throws `code_wrong`, `code_unusable`; `conflict` when another account has that address, which only its owner can learn
 */
export async function confirmEmailChange(
  db: Database,
  { account, browserHash, deviceId }: Person & { deviceId: DeviceId },
  given: { oldCode: string; newCode: string; peppers: Peppers; asked: Asked },
): Promise<string> {
  const { accountId } = account;
  // The attempt is spent in a transaction of its own, whatever comes after.
  const claimed = await unscoped(db, tx => emailChanges.claimAttempt(tx, { accountId, browserHash }));
  if (claimed === null) throw errors.codeUnusable();
  const { changeId, oldEmail: from, newEmail: to, salt } = claimed;
  // Which of them is wrong is not said.
  const [isOldRight, isNewRight] = await Promise.all([
    isCodeOf(`old ${given.oldCode}`, salt, claimed.oldHash, given.peppers),
    isCodeOf(`new ${given.newCode}`, salt, claimed.newHash, given.peppers),
  ]);
  if (!isOldRight || !isNewRight) throw errors.codeWrong(claimed.attemptsLeft, 'One of the two codes');
  await asAccountAndInEach(db, accountId, {
    own: async tx => {
      if (!(await emailChanges.use(tx, changeId))) throw errors.codeUnusable();
      if (!(await accounts.setEmail(tx, accountId, { from, to })))
        throw errors.conflict('Another account has that address. Sign in with it, or choose another one.');
      // What was mailed to either has been read.
      for (const email of [from, to]) await unreachableAddresses.clear(tx, email);
      await webSessions.removeElsewhere(tx, { accountId, deviceId });
    },
    inEach: async tx => {
      const target = { kind: 'member', id: accountId } as const;
      await audit.append(tx, entry(given.asked, 'member.address-changed', target));
    },
  });
  return to;
}
