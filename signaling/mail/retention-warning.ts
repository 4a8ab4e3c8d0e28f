import type { Letter } from '../protocol/index.ts';
import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

type Warning = Extract<Letter, { kind: 'retention-warning' }>;

/** To owners and to whoever made the sessions: what is deleted soon, because its time is over. */
export function retentionWarningMail(reader: Reader, warning: Warning): Message {
  const { organizationName, recordings, firstAt, sessions, moreSessions } = warning;
  const from = dateTimeFor(reader, firstAt);
  const isOne = recordings === 1;
  const named = sessions
    .map(({ title, recordings: of }) => (of === 1 ? title : `${title} (${of})`))
    .join(' · ');
  const more = (words: string) => (moreSessions === 0 ? '' : ` · ${words}`);
  return inLanguage(reader.language, {
    en: {
      subject: isOne
        ? `A recording of ${organizationName} will be deleted`
        : `${recordings} recordings of ${organizationName} will be deleted`,
      paragraphs: [
        isOne
          ? `The time that ${organizationName} keeps a recording for is over soon. It will be deleted on ${from}:`
          : `The time that ${organizationName} keeps recordings for is over soon for ${recordings} of them. They will be deleted from ${from} on:`,
        named + more(`and ${moreSessions} more sessions`),
        'For a day after that, an owner or admin can bring back what was deleted; then it is erased for good.',
        'To keep something longer, open its session and choose another time, or have an owner or admin place a legal hold. To have a copy, download the files from the recording’s page.',
      ],
    },
    fr: {
      subject: isOne
        ? `Un enregistrement de ${organizationName} va être supprimé`
        : `${recordings} enregistrements de ${organizationName} vont être supprimés`,
      paragraphs: [
        isOne
          ? `La durée pendant laquelle ${organizationName} conserve un enregistrement se termine bientôt. Il sera supprimé le ${from} :`
          : `La durée pendant laquelle ${organizationName} conserve ses enregistrements se termine bientôt pour ${recordings} d’entre eux. Ils seront supprimés à partir du ${from} :`,
        named + more(`et ${moreSessions} autres sessions`),
        'Pendant un jour encore, un propriétaire ou admin peut rétablir ce qui a été supprimé ; ensuite, c’est effacé définitivement.',
        'Pour garder quelque chose plus longtemps, ouvrez sa session et choisissez une autre durée, ou demandez à un propriétaire ou admin une conservation légale. Pour en avoir une copie, téléchargez les fichiers depuis la page de l’enregistrement.',
      ],
    },
  });
}
