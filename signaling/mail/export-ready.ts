import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

/** To whoever ordered an export: it lies ready, for so long. */
export function exportReadyMail(
  reader: Reader,
  { url, expiresAt }: { url: string; expiresAt: Date },
): Message {
  const until = dateTimeFor(reader, expiresAt);
  return inLanguage(reader.language, {
    en: {
      subject: 'Your CraterSync export is ready',
      paragraphs: [
        'What you ordered is ready to be downloaded:',
        { link: url },
        `It lies there until ${until}, and is deleted then. It is encrypted: only your passphrase or your key opens it, and we have neither.`,
        'You did not order an export? Then somebody else did in your name: choose “Sign out everywhere” in “Your account”.',
      ],
    },
    fr: {
      subject: 'Votre export CraterSync est prêt',
      paragraphs: [
        'Ce que vous avez demandé peut être téléchargé :',
        { link: url },
        `Il est disponible jusqu’au ${until}, puis il est supprimé. Il est chiffré : seule votre phrase secrète ou votre clé l’ouvre, et nous n’avons ni l’une ni l’autre.`,
        'Vous n’avez pas demandé d’export ? Alors quelqu’un l’a fait en votre nom : choisissez « Se déconnecter partout » dans « Votre compte ».',
      ],
    },
  });
}
