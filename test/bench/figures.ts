import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';

interface Row {
  name: string;
  value: string;
  what: string;
}

const folder = join(import.meta.dirname, '..', '..', '.bench');

/** What a benchmark measured: a table for people, and `.bench/NAME.json` (figure → number) for programs. */
export class Figures {
  readonly #bench: string;
  readonly #rows: Row[] = [];
  readonly #values: Record<string, number> = {};

  constructor(bench: string) {
    this.#bench = bench;
  }

  /**
   * @param name with its unit
   * @param value null when it could not be had; `what` then says why
   */
  set(name: string, value: number | null, what: string): void {
    if (value !== null) this.#values[name] = rounded(value);
    this.#rows.push({ name, value: value === null ? '–' : String(rounded(value)), what });
    console.log(`  ${name}: ${value === null ? '–' : rounded(value)}`);
  }

  async finish(): Promise<void> {
    console.log(`\n${this.#bench}\n\n${this.#table()}\n`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${this.#bench}.json`), `${JSON.stringify(this.#values, null, 2)}\n`);
  }

  /** In Markdown. */
  #table(): string {
    const rows = [{ name: 'figure', value: 'value', what: 'what it is' }, ...this.#rows];
    const width = (key: keyof Row) => Math.max(...rows.map(row => row[key].length));
    const [names, values] = [width('name'), width('value')];
    const lines = rows.map(
      ({ name, value, what }) => `| ${name.padEnd(names)} | ${value.padStart(values)} | ${what} |`,
    );
    lines.splice(1, 0, `|${'-'.repeat(names + 2)}|${'-'.repeat(values + 1)}:|---|`);
    return lines.join('\n');
  }
}

/** Three digits that count: nothing here is measured more exactly. */
const rounded = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Runs a benchmark, which must end within `limitMs`, and writes down what it measured. */
export async function bench(
  name: string,
  limitMs: number,
  measure: (figures: Figures) => Promise<void>,
): Promise<void> {
  setTimeout(() => {
    console.error(`${name} did not end within ${limitMs / 60_000} minutes`);
    process.exit(1);
  }, limitMs).unref();
  const figures = new Figures(name);
  const [busy = 0] = loadavg();
  figures.set('busy_before', busy, 'load average of the minute before; near 0, or the rest is worth little');
  await measure(figures);
  await figures.finish();
}
