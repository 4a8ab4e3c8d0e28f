import path from 'node:path';
import { expect } from 'chai';
import { importsOf, isCode, partOf, projectFiles, readProjectFile, targetOf } from './sources.ts';

const workspaces = ['signaling', 'sfu', 'recorder', 'client', 'db', 'infra', 'test'];

/**
 * Whom a part may import, besides itself and the other parts of its workspace. Parts that are named with a
 * folder are pure: they may not import the rest of their workspace either.
 */
const mayImport: Record<string, string[]> = {
  'infra/runtime': [],
  'signaling/protocol': [],
  'recorder/format': ['signaling/protocol'],
  'recorder/timeline': ['signaling/protocol'],
  client: ['signaling/protocol', 'recorder/format'],
  db: ['signaling/protocol', 'infra/runtime'],
  sfu: ['signaling/protocol', 'infra/runtime'],
  recorder: [
    ...['signaling/protocol', 'signaling/mail', 'signaling/billing', 'infra/runtime', 'db', 'sfu/control'],
  ],
  signaling: ['infra/runtime', 'db', 'sfu/control', 'recorder/control'],
  infra: ['signaling/protocol', 'signaling/mail', 'db', 'recorder', 'sfu/control'],
};

/** Tests, and what only tests use, may reach further; they are nobody's dependency. */
const isTest = (file: string) =>
  /\.test\.tsx?$|(^|\/)testing[^/]*\.ts$|\/fixtures\//.test(file) || file.startsWith('test/');

const codeFiles = projectFiles().filter(
  file => isCode(file) && workspaces.includes(file.split('/')[0] ?? ''),
);

interface Import {
  file: string;
  specifier: string;
  /** `workspace/folder` of ours that it leads to */
  target: string;
}

const ourImports: Import[] = codeFiles.flatMap(file =>
  importsOf(file).flatMap(specifier => {
    const target = targetOf(file, specifier);
    return target === undefined ? [] : [{ file, specifier, target }];
  }),
);

const workspaceOf = (part: string) => part.split('/')[0] ?? '';
const within = (part: string, whole: string) => part === whole || part.startsWith(`${whole}/`);
const show = ({ file, specifier }: Import) => `${file} imports ${specifier}`;

function isAllowed({ file, target }: Import): boolean {
  const part = partOf(file);
  const own = part in mayImport ? part : workspaceOf(part);
  const allowed = [own, ...(mayImport[own] ?? [])];
  return allowed.some(whole => within(target, whole));
}

describe('structure', () => {
  it('imports only in the direction that the architecture allows', () => {
    const wrong = ourImports.filter(found => !isTest(found.file) && !isAllowed(found));
    expect(wrong.map(show)).to.deep.equal([]);
  });

  it('imports nothing from the tests', () => {
    const wrong = ourImports.filter(
      ({ file, specifier, target }) =>
        !isTest(file) && (within(target, 'test') || specifier.includes('/fixtures/')),
    );
    expect(wrong.map(show)).to.deep.equal([]);
  });

  it('crosses from one workspace to another by name only, never by a relative path', () => {
    const crossing = ourImports.filter(
      ({ file, specifier, target }) => specifier.startsWith('.') && workspaceOf(target) !== workspaceOf(file),
    );
    // What tests share has no name of its own to be imported by.
    const wrong = crossing.filter(({ file, target }) => !(isTest(file) && within(target, 'test/support')));
    expect(wrong.map(show)).to.deep.equal([]);
  });

  it('finds imports at all', () => {
    expect(ourImports.filter(({ specifier }) => specifier.startsWith('@')).length).to.be.greaterThan(20);
    expect(ourImports.filter(({ specifier }) => specifier.startsWith('.')).length).to.be.greaterThan(20);
  });
});

describe('exports maps', () => {
  for (const workspace of workspaces) {
    it(`of ${workspace} lead to files, and keep everything else in`, () => {
      const manifest: { exports: Record<string, string> } = JSON.parse(
        readProjectFile(`${workspace}/package.json`),
      );
      const exported = Object.values(manifest.exports).map(target => path.join(workspace, target));
      expect(codeFiles).to.include.members(exported);
      for (const name of Object.keys(manifest.exports)) {
        import.meta.resolve(path.posix.join(`@cratersync/${workspace}`, name));
      }
      const deep = codeFiles.find(file => workspaceOf(file) === workspace && !exported.includes(file));
      expect(() => import.meta.resolve(`@cratersync/${deep}`)).to.throw(/not defined by "exports"/);
    });
  }
});
