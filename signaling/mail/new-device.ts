import { letter, type Message } from './letter.ts';

export interface NewDevice {
  /** Such as "Firefox on Linux". */
  device: string;
  /** IP address; empty when it is not known */
  address: string;
  at: Date;
}

/** To somebody who signed in where they never had before: or was it somebody else? */
export function newDeviceMail({ device, address, at }: NewDevice): Message {
  const from = address === '' ? '' : `, from the address ${address}`;
  const when = at.toISOString().slice(0, 16).replace('T', ' ');
  return {
    subject: 'New sign-in to your CraterSync account',
    ...letter([
      `Somebody signed in to your account with ${device}${from}, on ${when} UTC.`,
      'Was it you? Then there is nothing to do.',
      'It was not you? Then somebody can read your mail. Change the password of your mailbox first; then sign in, open “Your account”, and choose “Sign out everywhere”.',
    ]),
  };
}
