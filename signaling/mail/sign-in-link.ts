import { CODE_LIFETIME_MS } from '../accounts/code-hash.ts';
import { inLanguage, type Message, type Reader } from './letter.ts';

/** In place of a code, when somebody has been guessing at the codes of this address. */
export function signInLinkMail({ language }: Reader, url: string): Message {
  const minutes = CODE_LIFETIME_MS / 60_000;
  return inLanguage(language, {
    en: {
      subject: 'Your CraterSync sign-in link',
      paragraphs: [
        'Open this link to sign in:',
        { link: url },
        `There were many wrong codes for your address within the last hour, so this time it is a link. It works once, for ${minutes} minutes, in the browser where you asked for it.`,
        'You did not ask for it? Then somebody else is trying to sign in as you. They cannot without this message; you need not do anything.',
      ],
    },
    fr: {
      subject: 'Votre lien de connexion CraterSync',
      paragraphs: [
        'Ouvrez ce lien pour vous connecter :',
        { link: url },
        `Il y a eu beaucoup de codes erronés pour votre adresse depuis une heure ; c’est pourquoi vous recevez cette fois un lien. Il est valable une seule fois, pendant ${minutes} minutes, dans le navigateur où vous l’avez demandé.`,
        'Vous n’avez rien demandé ? Alors quelqu’un d’autre essaie de se connecter à votre place. C’est impossible sans ce message ; vous n’avez rien à faire.',
      ],
    },
  });
}
