import { letter, type Message } from './letter.ts';

export interface NewDevice {
  /** Such as "Firefox on Linux". */
  device: string;
  /** IP address; empty when it is not known */
  address: string;
  at: Date;
}

function where({ device, address, at }: NewDevice): string {
  const from = address === '' ? '' : `, from the address ${address}`;
  return `with ${device}${from}, on ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** To somebody who signed in where they never had before: or was it somebody else? */
export function newDeviceMail({ device, address, at }: NewDevice): Message {
  return {
    subject: 'New sign-in to your CraterSync account',
    ...letter([
      `Somebody signed in to your account ${where({ device, address, at })}.`,
      'Was it you? Then there is nothing to do.',
      'It was not you? Then somebody can read your mail. Change the password of your mailbox first; then sign in, open “Your account”, and choose “Sign out everywhere”.',
    ]),
  };
}

/** To somebody whose account got another way in: or was it somebody else? */
export function newPasskeyMail({ device, address, at }: NewDevice): Message {
  return {
    subject: 'New passkey for your CraterSync account',
    ...letter([
      `A passkey was added to your account, ${where({ device, address, at })}. It signs in without a code.`,
      'Was it you? Then there is nothing to do.',
      'It was not you? Then sign in, open “Your account”, remove that passkey, and choose “Sign out everywhere”.',
    ]),
  };
}
