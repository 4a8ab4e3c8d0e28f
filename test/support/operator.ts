import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { operator } from '@cratersync/signaling/testing';

/** What an installation with public pages says of whoever runs it. @param folder in which that is written @returns the settings that switch them on */
export async function publicPages(folder: string): Promise<{ PUBLIC_PAGES: string; OPERATOR_FILE: string }> {
  const file = join(folder, 'operator.json');
  await writeFile(file, JSON.stringify(operator));
  return { PUBLIC_PAGES: 'on', OPERATOR_FILE: file };
}
