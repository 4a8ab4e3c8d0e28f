// What it costs to keep recordings over the years: to lock them by other keys, to take them along, and to erase them.
import { bench } from './figures.ts';
import { measureErasure } from './lifecycle-erasure.ts';
import { measureExports } from './lifecycle-export.ts';
import { measureRewrapping } from './lifecycle-keys.ts';

await bench('lifecycle', 30 * 60_000, async figures => {
  await measureRewrapping(figures);
  await measureExports(figures);
  await measureErasure(figures);
});
