// What it costs to keep recordings over the years: to lock them by other keys.
import { bench } from './figures.ts';
import { measureRewrapping } from './lifecycle-keys.ts';

await bench('lifecycle', 20 * 60_000, measureRewrapping);
