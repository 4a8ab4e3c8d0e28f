import type { OrganizationClosing, OrganizationErased } from '../protocol/index.ts';
import { dateTimeFor, inLanguage, type Message, type Reader } from './letter.ts';

/** To each owner of an organization that one of them wants gone. */
export function organizationClosingMail(reader: Reader, closing: OrganizationClosing): Message {
  const { organizationName: name, by, url } = closing;
  const when = dateTimeFor(reader, closing.eraseAfter);
  return inLanguage(reader.language, {
    en: {
      subject: `${name} will be deleted from CraterSync`,
      paragraphs: [
        `${by} has asked for ${name} to be deleted. On ${when} it is erased with all its sessions, recordings and files, for good: nobody can bring it back then, nor can we.`,
        'Until then everything can be seen and downloaded, and nothing can be recorded or changed. To keep it, open this page and choose “Keep the organization”:',
        { link: url },
        'Any owner can do that.',
      ],
    },
    fr: {
      subject: `${name} va être supprimée de CraterSync`,
      paragraphs: [
        `${by} a demandé la suppression de ${name}. Le ${when}, elle sera effacée avec toutes ses sessions, ses enregistrements et ses fichiers, définitivement : plus personne ne pourra la rétablir, nous non plus.`,
        'D’ici là, tout peut être vu et téléchargé, mais rien ne peut être enregistré ni modifié. Pour la garder, ouvrez cette page et choisissez « Garder l’organisation » :',
        { link: url },
        'Chaque propriétaire peut le faire.',
      ],
    },
  });
}

/** To each owner: it was undone. */
export function organizationKeptMail(
  { language }: Reader,
  { organizationName: name, by }: { organizationName: string; by: string },
): Message {
  return inLanguage(language, {
    en: {
      subject: `${name} stays on CraterSync`,
      paragraphs: [
        `${by} has undone the deletion of ${name}. Everything is there, and can be used as before.`,
      ],
    },
    fr: {
      subject: `${name} reste sur CraterSync`,
      paragraphs: [
        `${by} a annulé la suppression de ${name}. Tout est là, et peut être utilisé comme avant.`,
      ],
    },
  });
}

/** To each of those who owned it: that it is gone, and what proves it. */
export function organizationErasedMail(
  reader: Reader,
  { organizationName: name, receipt }: OrganizationErased,
): Message {
  const message = inLanguage(reader.language, {
    en: {
      subject: `${name} has been erased from CraterSync`,
      paragraphs: [
        `${name} is gone: its keys were destroyed, and all its recordings, files and records deleted. Nothing can bring it back.`,
        'The attached receipt is signed, and says what was erased and when. Keep it: we have no copy that outlasts the next twelve months. “npx cratersync receipt verify FILE --key KEY” checks it.',
      ],
    },
    fr: {
      subject: `${name} a été effacée de CraterSync`,
      paragraphs: [
        `${name} n’existe plus : ses clés ont été détruites, et tous ses enregistrements, fichiers et données supprimés. Rien ne peut la rétablir.`,
        'L’attestation jointe est signée, et dit ce qui a été effacé et quand. Gardez-la : notre copie disparaît dans douze mois. « npx cratersync receipt verify FICHIER --key CLÉ » la vérifie.',
      ],
    },
  });
  const attached = { filename: 'erasure.json', content: receipt, contentType: 'application/json' };
  return { ...message, attachments: [attached] };
}
