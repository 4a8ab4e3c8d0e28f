import { expect } from 'chai';
import { projectFiles, readProjectFile, root } from './sources.ts';

const isText = (file: string) => !/\.(png|jpg|ico|woff2|wav|webm|y4m|mjpeg|bin)$/.test(file);

/** Where these files lie right now, where others of us have them, and where packages come from here. */
const foreign = [
  { what: 'this checkout', pattern: root },
  { what: 'a working folder', pattern: /(^|[\s"'`(=])\/work\/\w/ },
  { what: 'a registry', pattern: /https?:\/\/[^/\s"']*(registry|mirror|artifactory|nexus)[^/\s"']*\// },
];

describe('the checkout', () => {
  it('names neither a folder of one machine nor a registry', () => {
    const wrong = projectFiles()
      .filter(isText)
      .flatMap(file => {
        const text = readProjectFile(file);
        return foreign
          .filter(({ pattern }) =>
            typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text),
          )
          .map(({ what }) => `${file} names ${what}`);
      });
    expect(wrong).to.deep.equal([]);
  });
});
