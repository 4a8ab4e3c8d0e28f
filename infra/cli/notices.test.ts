import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { notices } from './notices.ts';

const DAY_MS = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const fileWith = (fields: Record<string, string | number>, body?: string) =>
  `---
${Object.entries({ kind: 'privacy', version: 1, effective: inDays(40), ...fields })
  .map(([name, value]) => `${name}: ${value}`)
  .join('\n')}
---
${body ?? '# en: New policy\nOne.\n\nTwo.\n# fr: Nouvelle politique\nUn.\n\nDeux.\n'}`;

describe('cratersync notices', () => {
  let db: TestDatabase;
  let folder: string;
  before(async () => {
    db = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'cratersync-notices-'));
  });
  after(async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });

  const run = (...args: string[]) => ran(notices, args, { DATABASE_URL: db.ownerUrl, DATA_DIR: folder });
  async function publish(text: string) {
    await writeFile(join(folder, 'notice.md'), text);
    return run('publish', join(folder, 'notice.md'));
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof UsageError ? error.message : String(error)),
    );

  it('publishes what the file says, once, and the next version after that', async () => {
    const { code, out } = await publish(fileWith({}));
    expect(code).to.equal(exitCodes.holds);
    expect(out).to.contain(`privacy 1, announced ${inDays(0)}, holds from ${inDays(40)}: New policy`);
    expect(await refusal(publish(fileWith({})))).to.match(
      /version: 1 is not the next one: of privacy, 1 was published. Give 2/,
    );
    expect((await publish(fileWith({ version: 2, effective: inDays(50) }))).code).to.equal(exitCodes.holds);
    const listed = JSON.parse((await run('list', '--json')).out);
    expect(listed.map(({ version }: { version: number }) => version).toSorted()).to.deep.equal([1, 2]);
    expect(listed.find(({ version }: { version: number }) => version === 1).texts).to.deep.equal({
      en: { title: 'New policy', text: 'One.\n\nTwo.' },
      fr: { title: 'Nouvelle politique', text: 'Un.\n\nDeux.' },
    });
    expect((await run('in-force')).out).to.equal('');
    expect((await run('in-force', '--at', inDays(45))).out).to.match(/^privacy 1,/);
    expect((await run('in-force', '--at', inDays(60))).out).to.match(/^privacy 2,/);
  });

  it('refuses what comes too soon, and says which day is the earliest', async () => {
    const said = await refusal(publish(fileWith({ kind: 'terms', effective: inDays(30) })));
    expect(said).to.match(/is too soon\. People are told 30 days ahead: \d{4}-\d\d-\d\d is the earliest/);
    const [, earliest = ''] = /ahead: (\d{4}-\d\d-\d\d) is/.exec(said) ?? [];
    expect((await publish(fileWith({ kind: 'terms', effective: earliest }))).code).to.equal(exitCodes.holds);
  });

  it('says what is wrong with a file, and publishes nothing of it', async () => {
    const kind = 'sub-processors';
    const cases: [string, RegExp][] = [
      ['nothing', /two lines of ---/],
      [fileWith({ kind: 'weather' }), /kind/],
      [fileWith({ kind, version: 'x' }), /version/],
      [fileWith({ kind, effective: 'soon' }), /effective: a date such as/],
      [fileWith({ kind, colour: 'blue' }), /colour/],
      [fileWith({ kind }, '# en: Only English\nText.\n'), /“# fr: TITLE” is missing/],
      [fileWith({ kind }, '# en: \nText.\n# fr: Titre\nTexte.\n'), /en/],
      [fileWith({ kind }, '# en: Title\n\n# fr: Titre\nTexte.\n'), /en\.text: a text is needed/],
    ];
    for (const [text, words] of cases) expect(await refusal(publish(text)), text).to.match(words);
    expect(await refusal(run('publish', join(folder, 'absent')))).to.match(/cannot be read \(ENOENT\)/);
    for (const args of [[], ['publish'], ['list', 'more'], ['in-force', '--at', 'soon']])
      expect(await refusal(run(...args)), args.join(' ')).not.to.equal('done');
    expect((await run('list', '--json')).out).not.to.contain(kind);
  });
});
