import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

/** To somebody who has asked for their account to be deleted: or was it somebody else? */
export function accountDeletionMail(reader: Reader, { purgeAfter }: { purgeAfter: Date }): Message {
  const when = dateTimeFor(reader, purgeAfter);
  return inLanguage(reader.language, {
    en: {
      subject: 'Your CraterSync account will be deleted',
      paragraphs: [
        `You asked for your account to be deleted. You are signed out everywhere, and on ${when} it is deleted for good: your name, your address, your passkeys and devices. What you recorded belongs to your organizations, and stays there without your name.`,
        'You want to keep it? Sign in before that day, and choose “Keep my account”.',
        'It was not you? Then somebody can read your mail. Change the password of your mailbox first; then sign in, and keep your account.',
      ],
    },
    fr: {
      subject: 'Votre compte CraterSync va être supprimé',
      paragraphs: [
        `Vous avez demandé la suppression de votre compte. Vous êtes déconnecté partout, et le ${when} il sera supprimé définitivement : votre nom, votre adresse, vos clés d’accès et vos appareils. Ce que vous avez enregistré appartient à vos organisations et y reste, sans votre nom.`,
        'Vous voulez le garder ? Connectez-vous avant ce jour, et choisissez « Garder mon compte ».',
        'Ce n’était pas vous ? Alors quelqu’un peut lire votre courrier. Changez d’abord le mot de passe de votre boîte ; puis connectez-vous, et gardez votre compte.',
      ],
    },
  });
}
