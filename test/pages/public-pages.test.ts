import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'puppeteer';
import { type AnalyticsServer, startAnalyticsServer } from '../support/analytics-server.ts';
import { type PersonalBrowser, press, sees } from '../support/browser.ts';
import { publicPages } from '../support/operator.ts';
import { codeFor, enterCode } from '../support/people.ts';
import { StackScene } from '../support/stack.ts';

const ID = 'G-TEST1234';
const paths = ['/', '/fr', '/en/security', '/fr/privacy', '/en/terms', '/fr/sub-processors', '/en/status'];

describe('cookies, and what else a browser keeps', function () {
  this.timeout(120_000);
  const scene = new StackScene();
  let google: AnalyticsServer;
  let visitor: PersonalBrowser;
  let context: BrowserContext;
  let page: Page;
  let folder: string;
  /** Everything that the privacy page lists. */
  let listed: { name: string; when: string }[];

  before(async () => {
    google = await startAnalyticsServer();
    folder = await mkdtemp(join(tmpdir(), 'cratersync-public-'));
    await scene.start({ ...(await publicPages(folder)), GA_MEASUREMENT_ID: ID, COUNTRY_HEADER: 'X-Country' });
    visitor = await scene.open({ leads: google.leads, checksCertificates: false });
    await visit();
    await page.goto(`${scene.url}/en/privacy`);
    listed = await page.$$eval('#stored tbody tr', rows =>
      rows.map(({ children: [name, , when] }) => ({
        name: name?.textContent ?? '',
        when: when?.textContent ?? '',
      })),
    );
  });
  after(async () => {
    await scene.close();
    await google.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await context.close();
    await visit();
    google.requests.length = 0;
  });

  /** A browser that has never been here, from a country if one is told. */
  async function visit(country?: string): Promise<void> {
    context = await visitor.browser.createBrowserContext();
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', error => visitor.faults.push(String(error)));
    page.on('console', message => {
      if (/policy/i.test(message.text())) visitor.faults.push(message.text());
    });
    if (country !== undefined) await page.setExtraHTTPHeaders({ 'x-country': country });
  }
  const kept = async () => {
    const cookies = (await context.cookies()).map(({ name }) => name);
    return [...cookies, ...(await page.evaluate(() => Object.keys(localStorage)))].toSorted();
  };
  const listedAs = (...when: string[]) =>
    listed
      .filter(each => when.includes(each.when))
      .map(({ name }) => name)
      .toSorted();
  const counted = (path: string) =>
    google.requests.filter(url => url.includes('/g/collect') && url.endsWith(encodeURIComponent(path)));
  const goTo = async (path: string) => {
    await page.goto(scene.url + path, { waitUntil: 'networkidle0' });
  };
  const asked = () => page.$eval('#cookie-panel', panel => panel.checkVisibility());

  it('are none before a yes, on any page; and after a no there is the answer alone', async () => {
    for (const path of paths) {
      await goTo(path);
      expect(await asked(), path).to.equal(true);
      expect(await kept(), path).to.deep.equal([]);
    }
    await press(page, 'Refuse');
    for (const path of paths) {
      await goTo(path);
      expect(await asked(), path).to.equal(false);
      expect(await kept(), path).to.deep.equal(listedAs('When you answer'));
    }
    expect(google.requests).to.deep.equal([]);
  });

  it('are after a yes what the privacy page lists, on every page, without Signals or ads, and go with a no', async () => {
    await goTo('/en');
    await press(page, 'Allow');
    await page.waitForFunction(() => document.cookie.includes('_ga'));
    for (const path of paths) {
      await goTo(path);
      expect(await asked(), path).to.equal(false);
      expect(await kept(), path).to.deep.equal(listedAs('When you answer', 'Counting visits'));
      expect(counted(path), path).not.to.have.length(0);
    }
    for (const { name, expires } of await context.cookies())
      expect((expires - Date.now() / 1000) / 86_400, name).to.be.closeTo(390, 0.1);
    const told = await page.evaluate(
      () => (globalThis as unknown as { told: [string, string, object][] }).told,
    );
    expect(told.find(([command]) => command === 'config')?.[2]).to.include({
      allow_google_signals: false,
      allow_ad_personalization_signals: false,
    });
    expect(told[0]?.slice(0, 2)).to.deep.equal(['consent', 'default']);
    expect(told[0]?.[2]).to.deep.equal({
      ...{ ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' },
      analytics_storage: 'granted',
    });

    await press(page, 'Cookie preferences');
    const reloaded = page.waitForNavigation();
    await press(page, 'Refuse');
    await reloaded;
    google.requests.length = 0;
    await goTo('/en/terms');
    expect(await kept()).to.deep.equal(listedAs('When you answer'));
    expect(google.requests).to.deep.equal([]);
  });

  it('begin at once elsewhere, unless the browser says no for all pages', async () => {
    await visit('CA');
    await goTo('/en');
    expect(await asked()).to.equal(false);
    expect(await kept()).to.deep.equal(listedAs('Counting visits'));
    await context.close();
    google.requests.length = 0;
    await visit('CA');
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
    });
    await goTo('/en');
    expect(await kept()).to.deep.equal([]);
    expect(google.requests).to.deep.equal([]);
  });

  it('are those of the sign-in for whoever signs in, who starts from home, and is counted nowhere after that', async () => {
    await goTo('/en');
    await press(page, 'Refuse');
    await press(page, 'Sign in', 'link');
    await page.locator('input[type="email"]').fill('vera@example.org');
    await press(page, 'Send me a code');
    await page.waitForSelector('input[autocomplete="one-time-code"]', { visible: true });
    await enterCode(page, await codeFor(scene.url, 'vera@example.org'));
    await page.locator('input[autocomplete="name"]').fill('Vera');
    await page.locator('input[autocomplete="organization"]').fill('Moon Radio');
    await page.locator('button[type="submit"]').click();
    await sees(page, 'New session');
    expect(new URL(page.url()).pathname).to.equal('/');
    const needed = listedAs('Needed', 'When you answer');
    expect(needed).to.include.members(await kept());
    expect(await kept()).to.include.members(['cratersync-browser', 'cratersync-session']);
    for (const path of ['/account', '/join', '/sign-in']) await goTo(path);
    expect(google.requests).to.deep.equal([]);
  });

  it('break no promise of the pages: nothing is refused by their own policy, and nothing throws', () => {
    expect([...new Set(visitor.faults)]).to.deep.equal([]);
  });
});
