import { CODE_LIFETIME_MS } from '../accounts/code-hash.ts';
import { inLanguage, type Message, type Reader } from './letter.ts';

/** The sign-in code is in the subject too, so that a phone shows it without opening the mail. */
export function signInCodeMail({ language }: Reader, code: string): Message {
  const minutes = CODE_LIFETIME_MS / 60_000;
  return inLanguage(language, {
    en: {
      subject: `${code} is your CraterSync sign-in code`,
      paragraphs: [
        'Your sign-in code is',
        { code },
        `It works once, for ${minutes} minutes, in the browser where you asked for it. Nobody from CraterSync will ever ask you for it.`,
        'You did not ask for a code? Then somebody mistyped their address; you can ignore this message.',
      ],
    },
    fr: {
      subject: `${code} est votre code de connexion CraterSync`,
      paragraphs: [
        'Voici votre code de connexion :',
        { code },
        `Il est valable une seule fois, pendant ${minutes} minutes, dans le navigateur où vous l’avez demandé. Personne chez CraterSync ne vous le demandera jamais.`,
        'Vous n’avez pas demandé de code ? Alors quelqu’un s’est trompé d’adresse ; vous pouvez ignorer ce message.',
      ],
    },
  });
}
