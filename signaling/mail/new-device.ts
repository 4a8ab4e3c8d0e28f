import type { Language, Seen } from '../protocol/index.ts';
import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

function where(reader: Reader, { device, address, at }: Seen): string {
  const when = dateTimeFor(reader, at);
  const words: Record<Language, string> = {
    en: `with ${device}${address === '' ? '' : `, from the address ${address}`}, on ${when}`,
    fr: `avec ${device}${address === '' ? '' : `, depuis l’adresse ${address}`}, le ${when}`,
  };
  return words[reader.language];
}

/** To somebody who signed in where they never had before: or was it somebody else? */
export function newDeviceMail(reader: Reader, seen: Seen): Message {
  return inLanguage(reader.language, {
    en: {
      subject: 'New sign-in to your CraterSync account',
      paragraphs: [
        `Somebody signed in to your account ${where(reader, seen)}.`,
        'Was it you? Then there is nothing to do.',
        'It was not you? Then somebody can read your mail. Change the password of your mailbox first; then sign in, open “Your account”, and choose “Sign out everywhere”.',
      ],
    },
    fr: {
      subject: 'Nouvelle connexion à votre compte CraterSync',
      paragraphs: [
        `Quelqu’un s’est connecté à votre compte ${where(reader, seen)}.`,
        'C’était vous ? Alors il n’y a rien à faire.',
        'Ce n’était pas vous ? Alors quelqu’un peut lire votre courrier. Changez d’abord le mot de passe de votre boîte ; puis connectez-vous, ouvrez « Your account » et choisissez « Sign out everywhere ».',
      ],
    },
  });
}

/** To somebody whose account got another way in: or was it somebody else? */
export function newPasskeyMail(reader: Reader, made: Seen): Message {
  return inLanguage(reader.language, {
    en: {
      subject: 'New passkey for your CraterSync account',
      paragraphs: [
        `A passkey was added to your account, ${where(reader, made)}. It signs in without a code.`,
        'Was it you? Then there is nothing to do.',
        'It was not you? Then sign in, open “Your account”, remove that passkey, and choose “Sign out everywhere”.',
      ],
    },
    fr: {
      subject: 'Nouvelle clé d’accès pour votre compte CraterSync',
      paragraphs: [
        `Une clé d’accès a été ajoutée à votre compte, ${where(reader, made)}. Elle permet de se connecter sans code.`,
        'C’était vous ? Alors il n’y a rien à faire.',
        'Ce n’était pas vous ? Alors connectez-vous, ouvrez « Your account », retirez cette clé et choisissez « Sign out everywhere ».',
      ],
    },
  });
}
