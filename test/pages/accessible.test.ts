import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { PersonalBrowser } from '../support/browser.ts';
import { Tour } from '../support/tour.ts';

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const schemes = ['light', 'dark'] as const;

/** Lines such as "dashboard, phone, dark: color-contrast: .badge (…)". */
async function violations(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: injected } = globalThis as unknown as {
      axe: { run(...how: object[]): Promise<AxeResults> };
    };
    // What react-aria has read out stays there for seconds, and names what may have gone meanwhile.
    const where = { exclude: ['[data-live-announcer]'] };
    return (await injected.run(where, { resultTypes: ['violations'] })).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.target.join(' ')} ${node.failureSummary}`),
  );
}

/** What a guest's script may come to, in bytes: as http on one's own machine gives it, and as https does. */
const scriptLimits = { gzip: 250 * 1024, br: 250_000 } as const;

/** @returns the addresses of all the script that a page wants before it has all */
async function scriptsOf(page: Page, visit: () => Promise<unknown>): Promise<Set<string>> {
  const scripts = new Set<string>();
  page.on('response', response => {
    if (response.request().resourceType() === 'script') scripts.add(response.url());
  });
  await visit();
  return scripts;
}

async function bytesOf(urls: Iterable<string>, encoding: keyof typeof scriptLimits): Promise<number> {
  let bytes = 0;
  for (const url of urls) {
    const answer = await fetch(url, { headers: { 'Accept-Encoding': encoding } });
    await answer.body?.cancel();
    expect(answer.headers.get('content-encoding'), url).to.equal(encoding);
    bytes += Number(answer.headers.get('content-length'));
  }
  return bytes;
}

describe('every page', function () {
  this.timeout(600_000);
  let tour: Tour;
  let strangers: PersonalBrowser;
  let axe: string;

  before(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    tour = await Tour.start();
    strangers = await PersonalBrowser.open();
  });
  after(async () => {
    await strangers?.close();
    await tour?.stop();
  });

  it('has no violation that axe finds, light and dark, on a desktop and on a phone; fits, and asks nobody else', async () => {
    const wrong: string[] = [];
    for (const { name, as, visit } of tour.stops) {
      const browser = as === 'host' ? tour.host : strangers;
      const context = as === 'host' ? null : await browser.browser.createBrowserContext();
      const page = await (context ?? browser.browser).newPage();
      page.setDefaultTimeout(30_000);
      page.on('pageerror', error => wrong.push(`${name} threw: ${String(error)}`));
      page.on('request', request => {
        const { protocol, host } = new URL(request.url());
        if (/^(http|ws)/.test(protocol) && host !== new URL(tour.stack.url).host)
          wrong.push(`${name} asks ${request.url()}`);
      });
      await page.setViewport(sizes.desktop);
      await visit(page);
      for (const scheme of schemes) {
        await page.emulateMediaFeatures([
          { name: 'prefers-color-scheme', value: scheme },
          { name: 'prefers-reduced-motion', value: 'reduce' },
        ]);
        for (const [device, size] of Object.entries(sizes)) {
          await page.setViewport(size);
          const where = `${name}, ${device}, ${scheme}`;
          for (const each of await violations(page, axe)) wrong.push(`${where}: ${each}`);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (over > 0) wrong.push(`${where}: ${over} px wider than the window`);
        }
      }
      await (context === null ? page.close() : context.close());
    }
    expect(wrong.join('\n')).to.equal('');
  });

  it('costs a guest less than 250 KB of compressed script, room included, in either language', async () => {
    const join = tour.stops.find(({ name }) => name === 'room');
    for (const language of ['en', 'fr'] as const) {
      const context = await strangers.browser.createBrowserContext();
      const page = await context.newPage();
      await page.evaluateOnNewDocument(chosen => {
        localStorage.setItem('cratersync.language', JSON.stringify(chosen));
      }, language);
      const scripts = await scriptsOf(page, async () => join?.visit(page));
      for (const encoding of ['gzip', 'br'] as const) {
        const bytes = await bytesOf(scripts, encoding);
        expect(bytes, `${language}, ${encoding}`).to.be.within(100_000, scriptLimits[encoding]);
      }
      await context.close();
    }
  });
});
