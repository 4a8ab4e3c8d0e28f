import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '..', '.bench');
const worst: Record<string, number> = {};

/** Prints one line a case, and keeps its worst error for programs: `.bench/conformance.json`, case → ms. */
export const report = {
  line(name: string, ms: number, what: string): void {
    worst[name] = Number(ms.toFixed(2));
    console.log(`    ${name.padEnd(50)} ${ms.toFixed(2).padStart(6)} ms  ${what}`);
  },

  /** At the end of each file with cases. */
  async finish(): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'conformance.json'), `${JSON.stringify(worst, null, 2)}\n`);
  },
};
