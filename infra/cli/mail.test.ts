import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { letter } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { mail } from './mail.ts';

describe('cratersync mail', () => {
  const run = (...args: string[]) => ran(mail, args);

  it('shows every letter that there is, in both languages', async () => {
    const kinds = letter.options.map(option => option.shape.kind.value);
    const texts = new Set<string>();
    for (const language of ['en', 'fr']) {
      const { code, out } = await run('preview', '--language', language);
      expect(code).to.equal(exitCodes.holds);
      for (const kind of [...kinds, 'sign-in-code', 'sign-in-link', 'member-invitation', 'address-changed']) {
        expect(out).to.contain(`── ${kind}\nSubject: `);
        texts.add((await run('preview', kind, '--language', language)).out);
      }
      expect(out).not.to.match(/undefined|NaN|Invalid Date|\[object/);
    }
    expect(texts).to.have.property('size', 2 * (kinds.length + 4));
  });

  it('writes them as text and HTML', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-mail-'));
    await run('preview', 'receipt', '--language', 'fr', '--out', folder);
    expect(await readdir(folder)).to.have.members(['receipt.txt', 'receipt.html']);
    expect(await readFile(join(folder, 'receipt.html'), 'utf8')).to.contain('<html lang="fr">');
    expect(await readFile(join(folder, 'receipt.txt'), 'utf8')).to.match(/^Subject: .*\n\n[^<]*$/);
    await rm(folder, { recursive: true });
  });

  it('says what there is to whoever asks for something else', async () => {
    for (const args of [[], ['send'], ['preview', 'postcard'], ['preview', '--language', 'de']]) {
      const refused = await run(...args).catch((error: unknown) => error);
      expect(refused, args.join(' ')).to.be.instanceOf(UsageError);
    }
  });
});
