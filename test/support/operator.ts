import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an installation with public pages says of whoever runs it. @param folder in which that is written @returns the settings that switch them on */
export async function publicPages(folder: string): Promise<{ PUBLIC_PAGES: string; OPERATOR_FILE: string }> {
  const file = join(folder, 'operator.json');
  const operator = {
    name: 'Moon Radio Cooperative',
    address: '12 Rue de la Lune, 75002 Paris, France',
    email: 'privacy@example.org',
    law: { en: 'the law of France', fr: 'au droit français' },
    subProcessors: [
      {
        name: 'Example Hosting',
        country: { en: 'France', fr: 'France' },
        purpose: { en: 'runs the machines', fr: 'exploite les machines' },
        data: { en: 'everything; recordings are encrypted', fr: 'tout ; les enregistrements sont chiffrés' },
      },
    ],
  };
  await writeFile(file, JSON.stringify(operator));
  return { PUBLIC_PAGES: 'on', OPERATOR_FILE: file };
}
