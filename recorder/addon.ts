import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * Loads what infra/dev/build-addons.sh compiled from a C file. It lies outside the checkout, by the hash of its source, so
 * that one that was built from another source is never loaded.
 * @param source path of the C file
 * @throws what `require` throws when there is no addon, or none for this machine
 */
export function loadAddon<Addon>(source: string): Addon {
  return createRequire(import.meta.url)(addonPath(source)) as Addon;
}

/** The same; null where it was not built: whoever would use it then does the same without, at a higher price. */
export function loadAddonIfThere<Addon>(source: string): Addon | null {
  try {
    return loadAddon<Addon>(source);
  } catch {
    return null;
  }
}

function addonPath(source: string, env: NodeJS.ProcessEnv = process.env): string {
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const cache = env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? homedir(), '.cache');
  return join(cache, 'cratersync', `${basename(source, '.c')}-${process.arch}-${hash}.node`);
}
