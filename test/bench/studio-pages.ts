import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import lighthouse, { type Config, desktopConfig } from 'lighthouse';
import type { Browser } from 'puppeteer';
import { PersonalBrowser } from '../support/browser.ts';
import { Tour } from '../support/tour.ts';
import type { Figures } from './figures.ts';

/** Those that people come to first. */
const looked = [
  ...['home', 'pricing', 'security', 'privacy', 'terms', 'sub-processors', 'status'],
  ...['sign-in', 'green-room', 'dashboard'],
];
const categories = ['performance', 'accessibility', 'best-practices'] as const;
const LEAST_SCORE = 95;

/** What a page costs to load, and what Lighthouse says of it. @returns what is below what we promise */
export async function measurePages(figures: Figures): Promise<string[]> {
  const tour = await Tour.start();
  const strangers = await PersonalBrowser.open();
  const missed: string[] = [];
  try {
    for (const stop of tour.stops) {
      const { browser } = stop.as === 'host' ? tour.host : strangers;
      // What one stranger has signed in to is nothing to the next.
      const context = stop.as === 'host' ? null : await browser.createBrowserContext();
      const page = await (context ?? browser).newPage();
      const scripts = new Map<string, Buffer>();
      const arrivals: Promise<unknown>[] = [];
      page.on('response', response => {
        if (response.request().resourceType() !== 'script') return;
        arrivals.push(response.buffer().then(bytes => scripts.set(response.url(), bytes)));
      });
      await stop.visit(page);
      await Promise.all(arrivals);
      const all = [...scripts.values()];
      figures.set(
        `${stop.name} script, kB brotli`,
        sum(all.map(brotli)) / 1000,
        `gzip: ${Math.round(sum(all.map(gzipped)) / 1000)} kB`,
      );
      const address = page.url();
      await (context ?? page).close();
      if (looked.includes(stop.name)) missed.push(...(await judged(figures, stop.name, browser, address)));
    }
  } finally {
    await strangers.close();
    await tour.stop();
  }
  return missed;
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
const gzipped = (bytes: Buffer) => gzipSync(bytes, { level: 9 }).length;
const brotli = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

async function judged(figures: Figures, name: string, browser: Browser, address: string): Promise<string[]> {
  const port = Number(new URL(browser.wsEndpoint()).port);
  const missed: string[] = [];
  const profiles: Record<string, Config> = {
    desktop: desktopConfig,
    phone: { extends: 'lighthouse:default' },
  };
  for (const [device, config] of Object.entries(profiles)) {
    const flags = {
      port,
      onlyCategories: [...categories],
      disableStorageReset: true,
      logLevel: 'error' as const,
    };
    const look = () => lighthouse(address, flags, config);
    let result = await look();
    // It loses a page now and then on a busy machine; a second time would be ours.
    if (result?.lhr.runtimeError !== undefined) result = await look();
    if (result?.lhr.runtimeError !== undefined) throw new Error(result.lhr.runtimeError.message);
    for (const category of categories) {
      const score = Math.round((result?.lhr.categories[category]?.score ?? 0) * 100);
      figures.set(`${name} ${category}, ${device}`, score, 'Lighthouse, of 100');
      // On a phone the slow network that Lighthouse plays sets the pace: told, and not promised.
      if (score < LEAST_SCORE && !(device === 'phone' && category === 'performance'))
        missed.push(`${name}: ${category} on a ${device} is ${score}, below ${LEAST_SCORE}`);
    }
    for (const { id, title, score } of Object.values(result?.lhr.audits ?? {}))
      if (score !== null && score < 0.5) console.log(`    ${name}, ${device}: ${id} ${title}`);
  }
  return missed;
}
