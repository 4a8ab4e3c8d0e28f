// What the pages cost to load, what Lighthouse says of those that people come to first, and what people wait for in the room.
import { bench } from './figures.ts';
import { measurePages } from './studio-pages.ts';
import { measureRoom } from './studio-room.ts';

let missed: string[] = [];
await bench('studio', 25 * 60_000, async figures => {
  missed = await measurePages(figures);
  await measureRoom(figures);
});
for (const each of missed) console.error(each);
process.exitCode = missed.length > 0 ? 1 : 0;
