import { CODE_LIFETIME_MS } from '../accounts/codes.ts';
import { letter, type Message } from './letter.ts';

/** The sign-in code is in the subject too, so that a phone shows it without opening the mail. */
export function signInCodeMail(code: string): Message {
  const minutes = CODE_LIFETIME_MS / 60_000;
  return {
    subject: `${code} is your CraterSync sign-in code`,
    ...letter([
      'Your sign-in code is',
      { code },
      `It works once, for ${minutes} minutes, in the browser where you asked for it. Nobody from CraterSync will ever ask you for it.`,
      'You did not ask for a code? Then somebody mistyped their address; you can ignore this message.',
    ]),
  };
}
