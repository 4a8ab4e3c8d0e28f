import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { takeBounce } from './mail-bounce.ts';
import { listFailed, onFailed } from './mail-failed.ts';
import { kinds, preview } from './mail-preview.ts';

export const mail: Command = {
  name: 'mail',
  summary: 'failed, retry, drop: letters that were given up; bounce: take in what came back; preview [KIND]',
  usage: `Usage: npx cratersync mail failed [--json]
       npx cratersync mail retry ID…|--all
       npx cratersync mail drop ID…|--all
       npx cratersync mail bounce < MESSAGE
       npx cratersync mail preview [KIND] [--language fr] [--out FOLDER]

failed lists letters that were given up, newest first: its id, what it is, when, to whom, how often it was tried, why, and what
the mail server said. “used-up”: for three days it was not taken; “refused”: it will never be; “bounced”: nothing arrives at
that address; “held-back”: it was not tried, as mail to that address was refused in the last 30 days.
retry sends some of them anew, also to an address that was refused; drop forgets them. After 30 days that happens by itself.

  --all        all that failed lists
  --json       one array of letters

bounce reads a message that a mail server returned (RFC 3464), and notes that nothing arrives at its address: letters that can
wait are not sent there for 30 days, or until somebody signs in with a code that was mailed there. It believes only what was
sent from here, by its Message-ID. It ends with 0 whatever the message is, and with 75 (try again) when the database cannot be
reached, as mail servers expect it. SEALING_KEY, or DATA_DIR, says what Message-IDs are signed with.

preview shows what people are mailed, with data that are made up. Nothing is sent, and nothing is needed.

  KIND         ${kinds('               ')}
               Without it, all of them.
  --language   en (default) or fr
  --out        a folder, in which KIND.txt and KIND.html are written; without it, the texts are printed

DATA_DIR (default ./.data) and DATABASE_URL say where the database is; for failed, retry and drop as its owner.

Ends with 0 when it is done, 1 when there is no such letter, 2 for wrong usage, 3 when the database cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        language: { type: 'string', default: 'en' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
      },
    });
    const [verb, ...more] = positionals;
    switch (verb) {
      case 'preview':
        if (more.length > 1) break;
        return preview(more[0], { asked: values.language, out: values.out }, io);
      case 'failed':
        if (more.length > 0) break;
        return listFailed(values.json, io);
      case 'retry':
      case 'drop':
        return onFailed(verb, values.all ? 'all' : more, io);
      case 'bounce':
        if (more.length > 0) break;
        return takeBounce(io);
    }
    throw new UsageError('What is to be done? Give failed, retry, drop, bounce or preview.');
  },
};
