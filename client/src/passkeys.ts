import { api } from './api.ts';
import { errors } from './protocol.ts';

/** Whether this browser can have passkeys at all. */
export const canHavePasskeys = 'PublicKeyCredential' in globalThis;

/** Has this device make a key for the account that is signed in. @throws AppError, in words that can be shown */
export async function addPasskey(): Promise<void> {
  const [{ startRegistration }, options] = await Promise.all([library(), api.passkeyToMake()]);
  const made = await startRegistration({ optionsJSON: options as never }).catch(explain);
  await api.addPasskey(made);
}

/** Signs in whoever has a key on this device. @throws AppError, in words that can be shown */
export async function signInByPasskey(): Promise<void> {
  const [{ startAuthentication }, options] = await Promise.all([library(), api.passkeyToAsk()]);
  const answer = await startAuthentication({ optionsJSON: options as never }).catch(explain);
  await api.signInByPasskey(answer);
}

/** Loaded when it is needed: guests never do. */
const library = () => import('@simplewebauthn/browser');

function explain(error: unknown): never {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError')
    throw errors.conflict('This device has a passkey for your account already.');
  if (name === 'NotAllowedError' || name === 'AbortError')
    throw errors.conflict(
      'The passkey was not used: it was cancelled, or there is none here. Try again, or use a code.',
    );
  throw errors.conflict('This browser could not use a passkey. Use a code.');
}
