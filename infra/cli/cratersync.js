#!/usr/bin/env node
// Has to run on any Node there is, to be able to say that it is too old: nothing newer than version 20 in here.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import('./main.ts');
} else {
  // Another Node comes first on the PATH; ours came with the npm packages.
  const { status, error } = spawnSync(packagedNode(), [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error !== undefined) {
    console.error(
      `cratersync needs Node.js 24 or newer, and this is ${process.version}. Run npm ci, which brings it.`,
    );
  }
  process.exitCode = status ?? 1;
}

function packagedNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return 'node24';
  }
}
