import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import tar, { type Header } from 'tar-stream';
import { extract } from './extract.ts';
import { ExportRefused } from './refused.ts';

/** What an archive is made of: names, or whole headers. */
type Entry = string | (Partial<Header> & { name: string });

async function archiveOf(entries: Entry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const entry of entries) {
    const header = typeof entry === 'string' ? { name: entry } : entry;
    // Only a file has content.
    if (header.type === undefined) pack.entry(header, 'text');
    else pack.entry(header);
  }
  pack.finalize();
  return await buffer(pack);
}

describe('extracting an export', () => {
  let directory: string;
  let folder: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-extract-'));
    folder = await mkdtemp(join(directory, 'in-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const extracting = (archive: Buffer) => extract(Readable.from([archive]), folder);
  const refusal = (archive: Buffer) =>
    extracting(archive).then(
      () => 'extracted',
      (error: unknown) => (error instanceof ExportRefused ? error.message : error),
    );

  it('writes files, in folders of their own', async () => {
    const files = await extracting(
      await archiveOf(['README.txt', 'a/b/c.json', 'a/b/d.json', 'manifest.json']),
    );
    expect([...files.keys()]).to.deep.equal(['README.txt', 'a/b/c.json', 'a/b/d.json', 'manifest.json']);
    expect((await readdir(folder, { recursive: true })).sort()).to.include.members([
      'a/b/c.json',
      'manifest.json',
    ]);
  });

  const hostile: Record<string, Entry[]> = {
    'a way up': ['../outside'],
    'a way up, from within': ['a/../../outside'],
    'an absolute name': ['/tmp/outside'],
    'a hidden name': ['.ssh/authorized_keys'],
    'a name with a backslash': ['..\\outside'],
    'a name with a line break': ['a\nb'],
    'a name that is none': [''],
    'a folder’s own name': ['./a'],
    'a symbolic link': [{ name: 'a', type: 'symlink', linkname: '/etc' }, 'a/passwd'],
    'a hard link': [{ name: 'a', type: 'link', linkname: '/etc/passwd' }],
    'a device': [{ name: 'a', type: 'block-device', devmajor: 8, devminor: 0 }],
    'a pipe': [{ name: 'a', type: 'fifo' }],
    'a folder': [{ name: 'a/', type: 'directory' }],
    'a name twice': ['a', 'a'],
    'a name twice, where capitals do not count': ['sessions/A', 'sessions/a'],
    'a file that is a folder, too': ['a', 'a/b'],
    'a folder that is a file, too': ['A/b', 'a'],
    'something behind the manifest': ['manifest.json', 'more'],
  };
  for (const [what, entries] of Object.entries(hostile))
    it(`refuses ${what}, and writes nothing outside`, async () => {
      expect(await refusal(await archiveOf(entries)))
        .to.be.a('string')
        .and.not.to.equal('extracted');
      expect(await readdir(directory)).to.have.length(1);
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
        expect(entry.isFile() || entry.isDirectory(), entry.name).to.equal(true);
    });

  it('refuses a long name in an extended header the same way', async () => {
    const name = `${'x/'.repeat(100)}../../../outside`;
    expect(await refusal(await archiveOf([{ name, pax: { path: '../outside' } }]))).to.match(/no name/);
  });

  it('refuses what is cut off, and what is no archive', async () => {
    const archive = await archiveOf(['a', 'b']);
    expect(await refusal(archive.subarray(0, 700))).to.match(/no whole tar archive/);
    expect(await refusal(Buffer.alloc(5000, 7))).to.match(/no whole tar archive/);
  });
});
