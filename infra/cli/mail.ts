import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examples } from '@cratersync/signaling/mail/examples';
import { language } from '@cratersync/signaling/protocol';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';

export const mail: Command = {
  name: 'mail',
  summary: 'preview [KIND]: show a mail of the product, or all of them, with data that are made up',
  usage: `Usage: npx cratersync mail preview [KIND] [--language fr] [--out FOLDER]

Shows what people are mailed, with data that are made up. Nothing is sent, and nothing is needed.

  KIND         ${Object.keys(examples)
    .join(', ')
    .replace(/(.{1,80})(, |$)/g, '$1$2\n               ')
    .trim()}
               Without it, all of them.
  --language   en (default) or fr
  --out        a folder, in which KIND.txt and KIND.html are written; without it, the texts are printed

Ends with 0 when it is done, 2 for wrong usage.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { language: { type: 'string', default: 'en' }, out: { type: 'string' } },
    });
    const [verb, kind] = positionals;
    if (verb !== 'preview' || positionals.length > 2)
      throw new UsageError('What is to be done? Give preview.');
    const spoken = language.safeParse(values.language);
    if (!spoken.success) throw new UsageError(`--language ${values.language}: there is en, and there is fr.`);
    const kinds = kind === undefined ? Object.keys(examples) : [kind];
    const reader = { email: 'ada@example.org', language: spoken.data, timeZone: 'Europe/Paris' };
    for (const each of kinds) {
      const make = examples[each];
      if (make === undefined)
        throw new UsageError(`There is no mail “${each}”. There are: ${Object.keys(examples).join(', ')}.`);
      const { subject, text, html } = make(reader);
      if (values.out === undefined) print(io, each, `Subject: ${subject}\n\n${text}`);
      else await write(values.out, each, { text: `Subject: ${subject}\n\n${text}`, html });
    }
    if (values.out !== undefined) io.print(`${kinds.length} written to ${values.out}`);
    return exitCodes.holds;
  },
};

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
