import type { Letter } from '../protocol/index.ts';
import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

/** To owners: what will hold from when on, in full. */
export function noticeMail(
  reader: Reader,
  { effectiveAt, texts }: Extract<Letter, { kind: 'notice' }>,
): Message {
  const from = dateTimeFor(reader, effectiveAt);
  const paragraphs = (text: string) => text.split(/\n\s*\n/).map(each => each.trim());
  return inLanguage(reader.language, {
    en: {
      subject: `CraterSync: ${texts.en.title}`,
      paragraphs: [
        `You own an organization on CraterSync. From ${from} on, something changes:`,
        texts.en.title,
        ...paragraphs(texts.en.text),
        'Please sign in and take note of it, on the page “Notices” of your organization.',
      ],
    },
    fr: {
      subject: `CraterSync : ${texts.fr.title}`,
      paragraphs: [
        `Vous êtes propriétaire d’une organisation sur CraterSync. À partir du ${from}, quelque chose change :`,
        texts.fr.title,
        ...paragraphs(texts.fr.text),
        'Connectez-vous, s’il vous plaît, et prenez-en acte sur la page « Avis » de votre organisation.',
      ],
    },
  });
}
