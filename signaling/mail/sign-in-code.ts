import { CODE_LIFETIME_MS } from '../accounts/codes.ts';

/** The sign-in code is in the subject too, so that a phone shows it without opening the mail. */
export function signInCodeMail(code: string): { subject: string; text: string; html: string } {
  const minutes = CODE_LIFETIME_MS / 60_000;
  const advice = `It works once, for ${minutes} minutes, in the browser where you asked for it. Nobody from CraterSync will ever ask you for it.`;
  const ignore =
    'You did not ask for a code? Then somebody mistyped their address; you can ignore this message.';
  return {
    subject: `${code} is your CraterSync sign-in code`,
    text: `Your sign-in code is\n\n    ${code}\n\n${advice}\n\n${ignore}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:32rem">
<p>Your sign-in code is</p><p style="font-size:2rem;letter-spacing:.25em;font-weight:600">${code}</p>
<p>${advice}</p><p>${ignore}</p></body></html>`,
  };
}
