import { type CollectFunction, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Labels = Record<string, string>;
/** Labels and what they stand for. */
export type Sample = readonly [labels: Labels, value: number];

interface Described<Name extends string> {
  name: `cratersync_${string}`;
  help: string;
  labels?: readonly Name[];
}

/** From a millisecond to half a minute: what people wait for. */
const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30];

/**
 * What a process counts. What is counted somewhere already is read when somebody asks (`read`), so that nothing is counted
 * twice, and a hot path not at all.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #failed: Counter;

  constructor() {
    this.#failed = this.counter({
      name: 'cratersync_scrape_failures_total',
      help: 'Metrics that could not be read when they were asked for.',
    });
  }

  counter<Name extends string = never>({ name, help, labels = [] }: Described<Name>): Counter<Name> {
    return new Counter<Name>({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** @param buckets upper bounds in seconds */
  seconds<Name extends string = never>(
    { name, help, labels = [] }: Described<Name>,
    buckets: number[] = SECONDS,
  ): Histogram<Name> {
    return new Histogram<Name>({ name, help, labelNames: [...labels], buckets, registers: [this.registry] });
  }

  /** What may rise and fall. */
  gauge<Name extends string = never>(
    { name, help, labels = [] }: Described<Name>,
    read: () => number | Iterable<Sample> | Promise<number | Iterable<Sample>>,
  ): void {
    const failed = this.#failed;
    const collect: CollectFunction<Gauge> = async function () {
      this.reset();
      try {
        for (const [sampleLabels, value] of samplesOf(await read())) this.set(sampleLabels, value);
      } catch {
        // The others are still worth having.
        failed.inc();
        this.remove();
      }
    };
    new Gauge({ name, help, labelNames: [...labels], registers: [this.registry], collect });
  }

  /** How often a counter has counted, by its label `outcome`; null when there is no such counter. */
  async outcomes(name: string): Promise<Record<string, number> | null> {
    const metric = this.registry.getSingleMetric(name);
    if (metric === undefined) return null;
    const byOutcome: Record<string, number> = {};
    for (const { labels, value } of (await metric.get()).values) {
      const outcome = String(labels['outcome'] ?? '');
      byOutcome[outcome] = (byOutcome[outcome] ?? 0) + value;
    }
    return byOutcome;
  }

  /** What somebody counts already; it only rises while the process runs. */
  total<Name extends string = never>(
    { name, help, labels = [] }: Described<Name>,
    read: () => number | Iterable<Sample>,
  ): void {
    const collect: CollectFunction<Counter> = function () {
      this.reset();
      for (const [sampleLabels, value] of samplesOf(read())) this.inc(sampleLabels, value);
    };
    new Counter({ name, help, labelNames: [...labels], registers: [this.registry], collect });
  }
}

const samplesOf = (read: number | Iterable<Sample>): Iterable<Sample> =>
  typeof read === 'number' ? [[{}, read]] : read;
