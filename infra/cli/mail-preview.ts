import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { examples } from '@cratersync/signaling/mail/examples';
import { language } from '@cratersync/signaling/protocol';
import { exitCodes, type Io, UsageError } from './command.ts';

const WIDTH = /(.{1,80})(, |$)/g;

/** Of all mails, for the usage. */
export const kinds = (indent: string): string =>
  Object.keys(examples).join(', ').replace(WIDTH, `$1$2\n${indent}`).trim();

/** Shows a mail, or all of them, with data that are made up. */
export async function preview(
  kind: string | undefined,
  { asked, out }: { asked: string; out: string | undefined },
  io: Io,
): Promise<number> {
  const spoken = language.safeParse(asked);
  if (!spoken.success) throw new UsageError(`--language ${asked}: there is en, and there is fr.`);
  const wanted = kind === undefined ? Object.keys(examples) : [kind];
  const reader = { email: 'ada@example.org', language: spoken.data, timeZone: 'Europe/Paris' };
  for (const each of wanted) {
    const make = examples[each];
    if (make === undefined)
      throw new UsageError(`There is no mail “${each}”. There are: ${Object.keys(examples).join(', ')}.`);
    const { subject, text, html } = make(reader);
    if (out === undefined) print(io, each, `Subject: ${subject}\n\n${text}`);
    else await write(out, each, { text: `Subject: ${subject}\n\n${text}`, html });
  }
  if (out !== undefined) io.print(`${wanted.length} written to ${out}`);
  return exitCodes.holds;
}

function print(io: Io, kind: string, text: string): void {
  io.print(`── ${kind}`);
  for (const line of text.split('\n')) io.print(line);
}

async function write(
  folder: string,
  kind: string,
  { text, html }: { text: string; html: string },
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${kind}.txt`), text);
    await writeFile(join(folder, `${kind}.html`), html);
  } catch (error) {
    throw new UsageError(
      `--out ${folder}: nothing can be written there (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}
