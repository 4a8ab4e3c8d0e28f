import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { notices as announced, type Database, unscoped } from '@cratersync/db';
import { NOTICE_AHEAD_MS } from '@cratersync/signaling/protocol';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';
import { openAppDatabase, openOwnerDatabase } from './database.ts';
import { type NoticeFile, readNoticeFile } from './notice-file.ts';

const DAY_MS = 24 * 3_600_000;
const day = (at: Date) => at.toISOString().slice(0, 10);

export const notices: Command = {
  name: 'notices',
  summary:
    'publish FILE: announce a change of the terms, the privacy policy or the sub-processors; list; in-force',
  usage: `Usage: npx cratersync notices publish FILE
       npx cratersync notices list [--json]
       npx cratersync notices in-force [--at DATE] [--json]

publish announces what the file says: it is stored for good, mailed to the owners of all organizations, and shown on their
pages, where each takes note. It holds from the day that the file says, at least 30 days from now. The file:

  ---
  kind: privacy            (or terms, or sub-processors)
  version: 3               (the next one of its kind)
  effective: 2027-01-31    (from then on, 00:00 UTC)
  ---
  # en: TITLE
  Paragraphs, with empty lines between.
  # fr: TITLE
  The same in French.

list shows everything that was announced; in-force what holds, or held, on a day.

  --at     a day such as 2027-01-31; without it, now
  --json   one array of notices

DATA_DIR (default ./.data) and DATABASE_URL say where the database is; to publish, as its owner.

Ends with 0 when it is done, 2 for wrong usage or a file that cannot be published, 3 when the database cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, at: { type: 'string' } },
    });
    const [verb, file] = positionals;
    if (verb === 'publish' && file !== undefined && positionals.length === 2) return publish(file, io);
    if (positionals.length !== 1 || (verb !== 'list' && verb !== 'in-force'))
      throw new UsageError('What is to be done? Give publish FILE, list, or in-force.');
    const at = values.at === undefined ? new Date() : new Date(values.at);
    if (Number.isNaN(at.getTime())) throw new UsageError('--at wants a day such as 2027-01-31.');
    const read =
      verb === 'list'
        ? announced.all
        : (tx: Parameters<typeof announced.all>[0]) => announced.inForce(tx, at);
    const found = await using(openAppDatabase(io.env), db => unscoped(db, read));
    if (values.json) io.print(JSON.stringify(found));
    else for (const notice of found) io.print(line(notice));
    return exitCodes.holds;
  },
};

async function publish(file: string, io: Io): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read (${error.code ?? error.message}).`);
  });
  const notice = readNoticeFile(text);
  // It is announced a moment later than this.
  const earliest = new Date(Math.ceil((Date.now() + NOTICE_AHEAD_MS + 60_000) / DAY_MS) * DAY_MS);
  if (notice.effectiveAt < earliest)
    throw new UsageError(
      `effective: ${day(notice.effectiveAt)} is too soon. People are told 30 days ahead: ${day(earliest)} is the earliest.`,
    );
  const published = await using(openOwnerDatabase(io.env), async db => {
    await refuseOldVersion(db, notice);
    return unscoped(db, tx => announced.publish(tx, notice));
  });
  io.print(`Published: ${line(published)}`);
  io.print('The owners of all organizations are written to within minutes, while a worker runs.');
  return exitCodes.holds;
}

async function refuseOldVersion(db: Database, { kind, version }: NoticeFile): Promise<void> {
  const versions = (await unscoped(db, announced.all))
    .filter(each => each.kind === kind)
    .map(each => each.version);
  const newest = Math.max(0, ...versions);
  if (version !== newest + 1)
    throw new UsageError(
      `version: ${version} is not the next one: of ${kind}, ${newest === 0 ? 'none was' : `${newest} was`} published. Give ${newest + 1}.`,
    );
}

const line = ({ kind, version, announcedAt, effectiveAt, texts }: announced.Announced): string =>
  `${kind} ${version}, announced ${day(announcedAt)}, holds from ${day(effectiveAt)}: ${texts.en.title}`;

async function using<T>(opening: Promise<Database>, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await opening;
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
