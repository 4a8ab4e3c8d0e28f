// What the pages cost to load, and what Lighthouse says of those that people come to first.
import { bench } from './figures.ts';
import { measurePages } from './studio-pages.ts';

let missed: string[] = [];
await bench('studio', 15 * 60_000, async figures => {
  missed = await measurePages(figures);
});
for (const each of missed) console.error(each);
process.exitCode = missed.length > 0 ? 1 : 0;
