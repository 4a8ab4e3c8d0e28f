import { CODE_LIFETIME_MS } from '../accounts/codes.ts';
import { letter, type Message } from './letter.ts';

/** In place of a code, when somebody has been guessing at the codes of this address. */
export function signInLinkMail(url: string): Message {
  const minutes = CODE_LIFETIME_MS / 60_000;
  return {
    subject: 'Your CraterSync sign-in link',
    ...letter([
      'Open this link to sign in:',
      { link: url },
      `There were many wrong codes for your address within the last hour, so this time it is a link. It works once, for ${minutes} minutes, in the browser where you asked for it.`,
      'You did not ask for it? Then somebody else is trying to sign in as you. They cannot without this message; you need not do anything.',
    ]),
  };
}
