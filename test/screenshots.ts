// screenshots.ts [NAME…]: every page as it looks on a desktop and on a phone, light and dark, in each language.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { PersonalBrowser } from './support/browser.ts';
import { ask } from './support/people.ts';
import { Tour } from './support/tour.ts';
import type { Stop } from './support/tour-stops.ts';

const folder = join(import.meta.dirname, '..', '.screenshots');
const wanted = process.argv.slice(2);
const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const schemes = ['light', 'dark'] as const;
const languages = ['en', 'fr'] as const;

await mkdir(folder, { recursive: true });
const tour = await Tour.start();
const strangers = await PersonalBrowser.open();
try {
  for (const language of languages) {
    await speak(language);
    for (const stop of tour.stops) {
      if (wanted.length > 0 && !wanted.includes(stop.name)) continue;
      await picture(stop, language).catch(error => console.error(`${stop.name}, ${language}: ${error}`));
    }
  }
} finally {
  await strangers.close();
  await tour.stop();
}
console.log(`They are in ${folder}`);

/** The host's language is that of the profile. Asked for where no page is at work, which would ask for things of its own. */
async function speak(language: string): Promise<void> {
  const page = await tour.host.page();
  await page.goto(`${tour.stack.url}/icon.svg`);
  await ask(page, 'PATCH', '/me', { language });
  await page.close();
}

async function picture(stop: Stop, language: string): Promise<void> {
  const context = stop.as === 'host' ? null : await strangers.browser.createBrowserContext();
  const page = await (context ?? tour.host.browser).newPage();
  try {
    await shootAll(page, stop, language);
  } finally {
    await (context ?? page).close();
  }
}

async function shootAll(page: Page, { name, visit }: Stop, language: string): Promise<void> {
  await page.evaluateOnNewDocument(chosen => {
    localStorage.setItem('cratersync.language', JSON.stringify(chosen));
  }, language);
  await page.setViewport(sizes.desktop);
  await visit(page);
  for (const [device, size] of Object.entries(sizes)) {
    await page.setViewport(size);
    for (const scheme of schemes) {
      // Without motion, or colours would be pictured on their way from one scheme to the other.
      await page.emulateMediaFeatures([
        { name: 'prefers-color-scheme', value: scheme },
        { name: 'prefers-reduced-motion', value: 'reduce' },
      ]);
      await shoot(page, `${name}-${language}-${device}-${scheme}`);
    }
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) as `${string}.png`, fullPage: true });
}
