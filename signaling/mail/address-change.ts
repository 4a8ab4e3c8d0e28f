import { CODE_LIFETIME_MS } from '../accounts/code-hash.ts';
import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

const minutes = CODE_LIFETIME_MS / 60_000;

/** To the address that an account has: whoever reads it has to agree to another one. */
export function oldAddressCodeMail(
  { language }: Reader,
  { newEmail, code }: { newEmail: string; code: string },
): Message {
  return inLanguage(language, {
    en: {
      subject: `${code} is your code to change your address`,
      paragraphs: [
        `Somebody who is signed in to your CraterSync account asked for ${newEmail} to be its mail address. The code to agree is`,
        { code },
        `It works once, for ${minutes} minutes, together with a code that went to ${newEmail}. Nobody from CraterSync will ever ask you for it.`,
        'It was not you? Then give the code to nobody: without it nothing changes. Sign in, open “Your account”, and choose “Sign out everywhere”.',
      ],
    },
    fr: {
      subject: `${code} est votre code pour changer d’adresse`,
      paragraphs: [
        `Une personne connectée à votre compte CraterSync a demandé que son adresse devienne ${newEmail}. Voici le code pour l’accepter :`,
        { code },
        `Il est valable une seule fois, pendant ${minutes} minutes, avec un second code envoyé à ${newEmail}. Personne chez CraterSync ne vous le demandera jamais.`,
        'Ce n’était pas vous ? Alors ne donnez ce code à personne : sans lui, rien ne change. Connectez-vous, ouvrez « Your account » et choisissez « Sign out everywhere ».',
      ],
    },
  });
}

/** To the address that an account is to have: whoever reads it has to be the same person. */
export function newAddressCodeMail(
  { language }: Reader,
  { oldEmail, code }: { oldEmail: string; code: string },
): Message {
  return inLanguage(language, {
    en: {
      subject: `${code} is your code to use this address`,
      paragraphs: [
        `The CraterSync account of ${oldEmail} is to have this mail address. The code to confirm it is`,
        { code },
        `It works once, for ${minutes} minutes, together with a code that went to ${oldEmail}.`,
        'You know nothing of this? Then somebody mistyped their address; you can ignore this message.',
      ],
    },
    fr: {
      subject: `${code} est votre code pour utiliser cette adresse`,
      paragraphs: [
        `Le compte CraterSync de ${oldEmail} doit recevoir cette adresse. Voici le code pour la confirmer :`,
        { code },
        `Il est valable une seule fois, pendant ${minutes} minutes, avec un second code envoyé à ${oldEmail}.`,
        'Cela ne vous dit rien ? Alors quelqu’un s’est trompé d’adresse ; vous pouvez ignorer ce message.',
      ],
    },
  });
}

/** To both addresses, once it is done. */
export function addressChangedMail(
  reader: Reader,
  { oldEmail, newEmail, at }: { oldEmail: string; newEmail: string; at: Date },
): Message {
  const when = dateTimeFor(reader, at);
  return inLanguage(reader.language, {
    en: {
      subject: 'The address of your CraterSync account has changed',
      paragraphs: [
        `Since ${when} your CraterSync account has the address ${newEmail}; before, it was ${oldEmail}. Sign in with the new one. Other browsers were signed out.`,
        'Was it you? Then there is nothing to do.',
        'It was not you? Then somebody could read the mail of both addresses. Change the passwords of your mailboxes, and ask an owner of your organization to remove that member.',
      ],
    },
    fr: {
      subject: 'L’adresse de votre compte CraterSync a changé',
      paragraphs: [
        `Depuis le ${when}, votre compte CraterSync a l’adresse ${newEmail} ; auparavant, c’était ${oldEmail}. Connectez-vous avec la nouvelle. Les autres navigateurs ont été déconnectés.`,
        'C’était vous ? Alors il n’y a rien à faire.',
        'Ce n’était pas vous ? Alors quelqu’un pouvait lire le courrier des deux adresses. Changez les mots de passe de vos boîtes, et demandez à un propriétaire de votre organisation de retirer ce membre.',
      ],
    },
  });
}
