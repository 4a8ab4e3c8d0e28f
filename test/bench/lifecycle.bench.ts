// What it costs to keep recordings over the years: to lock them by other keys, and to take them along.
import { bench } from './figures.ts';
import { measureExports } from './lifecycle-export.ts';
import { measureRewrapping } from './lifecycle-keys.ts';

await bench('lifecycle', 20 * 60_000, async figures => {
  await measureRewrapping(figures);
  await measureExports(figures);
});
