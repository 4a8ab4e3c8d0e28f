import { type accounts, type Database, passkeys, unscoped } from '@cratersync/db';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { type AccountId, AppError, errors } from '../protocol/index.ts';

const CHALLENGE_LIFETIME_MS = 5 * 60_000;

/**
 * Signing in by a key that a person's device keeps (W3C Web Authentication), in place of a mailed code. The key is
 * found by the browser (a discoverable credential), so nobody gives an address, and none can be tried; the device asks
 * its owner for a finger, a face or a PIN.
 */
export class Passkeys {
  readonly #db: Database;
  readonly #origin: string;
  readonly #host: string;

  constructor(db: Database, publicUrl: string) {
    this.#db = db;
    this.#origin = new URL(publicUrl).origin;
    this.#host = new URL(publicUrl).hostname;
  }

  /** What a browser needs to make a key for an account. */
  async registration(
    account: accounts.Account,
    browserHash: Buffer,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { accountId, email, displayName } = account;
    const own = await unscoped(this.#db, tx => passkeys.ofAccount(tx, accountId));
    const options = await generateRegistrationOptions({
      rpName: 'CraterSync',
      rpID: this.#host,
      userID: new Uint8Array(Buffer.from(accountId)),
      userName: email,
      userDisplayName: displayName ?? email,
      // A device that has one already need not have another.
      excludeCredentials: own.map(({ credentialId }) => ({ id: credentialId })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    await this.#keep(options.challenge, browserHash, accountId);
    return options;
  }

  /** @throws `passkey_refused` */
  async add(
    answer: RegistrationResponseJSON,
    by: { accountId: AccountId; browserHash: Buffer; label: string },
  ): Promise<void> {
    const { accountId, browserHash, label } = by;
    const verified = await verifyRegistrationResponse({
      response: answer,
      expectedChallenge: challenge => this.#take(challenge, browserHash, accountId),
      expectedOrigin: this.#origin,
      expectedRPID: this.#host,
      requireUserVerification: true,
    }).catch(refuse);
    if (!verified.verified) throw errors.passkeyRefused();
    const { id, publicKey, counter, transports = [] } = verified.registrationInfo.credential;
    await unscoped(this.#db, tx =>
      passkeys.insert(tx, {
        credentialId: id,
        accountId,
        publicKey: Buffer.from(publicKey),
        counter,
        transports,
        label,
      }),
    );
  }

  /** What a browser needs to sign in, whoever it is. */
  async authentication(browserHash: Buffer): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await generateAuthenticationOptions({ rpID: this.#host, userVerification: 'required' });
    await this.#keep(options.challenge, browserHash, null);
    return options;
  }

  /** @throws `passkey_refused` */
  async signIn(answer: AuthenticationResponseJSON, browserHash: Buffer): Promise<accounts.Account> {
    const passkey = await unscoped(this.#db, tx => passkeys.byId(tx, answer.id));
    if (passkey === null) throw errors.passkeyRefused();
    const { credentialId, publicKey, counter } = passkey;
    const verified = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: challenge => this.#take(challenge, browserHash, null),
      expectedOrigin: this.#origin,
      expectedRPID: this.#host,
      requireUserVerification: true,
      credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter },
    }).catch(refuse);
    if (!verified.verified) throw errors.passkeyRefused();
    const { newCounter } = verified.authenticationInfo;
    const isFirst = await unscoped(this.#db, tx =>
      passkeys.used(tx, { credentialId, before: counter, counter: newCounter }),
    );
    if (!isFirst) throw errors.passkeyRefused();
    const { accountId, email, displayName, timeZone, language, purgeAfter } = passkey;
    return { accountId, email, displayName, timeZone, language, purgeAfter };
  }

  #keep(challenge: string, browserHash: Buffer, accountId: AccountId | null): Promise<void> {
    const lifetimeMs = CHALLENGE_LIFETIME_MS;
    return unscoped(this.#db, tx =>
      passkeys.keepChallenge(tx, { challenge, browserHash, accountId, lifetimeMs }),
    );
  }

  #take(challenge: string, browserHash: Buffer, accountId: AccountId | null): Promise<boolean> {
    return unscoped(this.#db, tx => passkeys.takeChallenge(tx, { challenge, browserHash, accountId }));
  }
}

/** The library throws for whatever is wrong with an answer; what our own database says stays what it is. */
function refuse(error: unknown): never {
  throw error instanceof AppError ? error : errors.passkeyRefused(error);
}
