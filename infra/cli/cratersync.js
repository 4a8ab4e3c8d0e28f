#!/usr/bin/env node
// Has to run on any Node there is, to be able to say that it is too old: nothing newer than version 20 in here.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./main.ts');
} else {
  const node = packagedNode();
  if (node === undefined) {
    console.error(
      `cratersync needs Node.js 24 or newer; this is ${process.version}. Run npm ci, which brings it.`,
    );
    process.exitCode = 1;
  } else {
    process.exitCode = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
  }
}

/** Node.js 24 comes with the npm packages, but an older one may stand before it on the PATH. */
function packagedNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}
