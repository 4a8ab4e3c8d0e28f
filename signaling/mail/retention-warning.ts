import { type Letter, planNames } from '../protocol/index.ts';
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
  const why = whyOf(warning);
  return inLanguage(reader.language, {
    en: {
      subject: isOne
        ? `A recording of ${organizationName} will be deleted`
        : `${recordings} recordings of ${organizationName} will be deleted`,
      paragraphs: [
        `${why.en.time} ${isOne ? `It will be deleted on ${from}:` : `They will be deleted from ${from} on:`}`,
        named + more(moreSessions === 1 ? 'and one more session' : `and ${moreSessions} more sessions`),
        'For a day after that, an owner or admin can bring back what was deleted; then it is erased for good.',
        why.en.todo,
      ],
    },
    fr: {
      subject: isOne
        ? `Un enregistrement de ${organizationName} va être supprimé`
        : `${recordings} enregistrements de ${organizationName} vont être supprimés`,
      paragraphs: [
        `${why.fr.time} ${isOne ? `Il sera supprimé le ${from} :` : `Ils seront supprimés à partir du ${from} :`}`,
        named + more(moreSessions === 1 ? 'et une autre session' : `et ${moreSessions} autres sessions`),
        'Pendant un jour encore, un propriétaire ou admin peut rétablir ce qui a été supprimé ; ensuite, c’est effacé définitivement.',
        why.fr.todo,
      ],
    },
  });
}

/** Whose time is over, and what can be done about it. */
const whyOf = (warning: Warning) =>
  warning.plan === undefined ? ownTime(warning) : planTime(warning, warning.plan);

const ownTime = ({ organizationName, recordings }: Warning) => ({
  en: {
    time:
      recordings === 1
        ? `The time that ${organizationName} keeps a recording for is over soon.`
        : `The time that ${organizationName} keeps recordings for is over soon for ${recordings} of them.`,
    todo: 'To keep something longer, open its session and choose another time, or have an owner or admin place a legal hold. To have a copy, download the files from the recording’s page.',
  },
  fr: {
    time:
      recordings === 1
        ? `La durée pendant laquelle ${organizationName} conserve un enregistrement se termine bientôt.`
        : `La durée pendant laquelle ${organizationName} conserve ses enregistrements se termine bientôt pour ${recordings} d’entre eux.`,
    todo: 'Pour garder quelque chose plus longtemps, ouvrez sa session et choisissez une autre durée, ou demandez à un propriétaire ou admin une conservation légale. Pour en avoir une copie, téléchargez les fichiers depuis la page de l’enregistrement.',
  },
});

function planTime(
  { organizationName, recordings }: Warning,
  { name, days }: NonNullable<Warning['plan']>,
): ReturnType<typeof ownTime> {
  const plan = planNames[name];
  return {
    en: {
      time:
        `The plan of ${organizationName}, ${plan}, keeps recordings for ${days} days at most. ` +
        (recordings === 1
          ? 'That is over soon for one of them.'
          : `That is over soon for ${recordings} of them.`),
      todo: 'To keep them, an owner chooses a larger plan before that day: open the organization, “Plan and billing”. To have a copy, download the files from the recording’s page, or have an owner export all of it on the organization’s page.',
    },
    fr: {
      time:
        `Le forfait de ${organizationName}, ${plan}, conserve les enregistrements ${days} jours au plus. ` +
        (recordings === 1
          ? 'Ce temps se termine bientôt pour l’un d’eux.'
          : `Ce temps se termine bientôt pour ${recordings} d’entre eux.`),
      todo: 'Pour les garder, un propriétaire choisit un forfait plus grand avant ce jour : ouvrez l’organisation, « Forfait et facturation ». Pour en avoir une copie, téléchargez les fichiers depuis la page de l’enregistrement, ou demandez à un propriétaire d’exporter le tout depuis la page de l’organisation.',
    },
  };
}
