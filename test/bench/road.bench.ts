// What people wait for, and what an operator pays for: from `make start` to the last stem.
import { encodeClips } from './clips.ts';
import { bench } from './figures.ts';
import { measureLoad } from './road-load.ts';
import { measureStack } from './road-stack.ts';
import { measureStart } from './road-start.ts';

await bench('road', 15 * 60_000, async figures => {
  const clips = await encodeClips();
  await measureLoad(figures, clips);
  await measureStack(figures, clips);
  await measureStart(figures);
});
