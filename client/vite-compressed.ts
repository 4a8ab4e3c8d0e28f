import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = {
  br: promisify(brotliCompress),
  gz: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
};

/** Puts a .br and a .gz beside each asset, so that they are compressed once, as well as can be, and not for every visitor. */
export function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir, 'assets');
    },
    closeBundle: async () => {
      const assets = (await readdir(folder)).filter(name => /\.(js|css)$/.test(name));
      await Promise.all(
        assets.map(async name => {
          const bytes = await readFile(join(folder, name));
          for (const [ending, by] of Object.entries(compress))
            await writeFile(join(folder, `${name}.${ending}`), await by(bytes));
        }),
      );
    },
  };
}
