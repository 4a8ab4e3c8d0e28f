import { randomBytes } from 'node:crypto';
import type { Page } from 'puppeteer';
import { ask, codeFor } from './people.ts';

/** A page of the product as somebody finds it: who they are, where they go, and what they do first. */
export interface Stop {
  name: string;
  /** Nobody has an account here. */
  as: 'host' | 'nobody';
  /** Goes there, and returns when all of it is shown. */
  visit: (page: Page) => Promise<void>;
}

/** What the stops lead to. */
export interface Furniture {
  sessionId: string;
  recordingId: string;
  webhookId: string;
  guestLink: string;
  invitation: string;
  shared: string;
  /** The host works in `own`; `closing` is to be deleted. */
  organizations: { own: string | undefined; closing: string | undefined };
}

/** Every page there is. */
export function stopsOf(url: string, furniture: Furniture): Stop[] {
  const stops: Stop[] = [
    ...readers(url),
    ...strangers(url, furniture),
    ...members(url, furniture),
    { name: 'organization-closing', as: 'host', visit: closingPage(url, furniture.organizations) },
  ];
  return stops.map(stop => ({ ...stop, visit: page => reach(stop, page) }));
}

/** Goes there, or says what stands there instead. */
async function reach({ name, visit }: Stop, page: Page): Promise<void> {
  try {
    await visit(page);
  } catch (cause) {
    const shown = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
    throw new Error(`${name} was not reached; the page shows:\n${shown}`, { cause });
  }
}

/** Waits until nothing is loading any more. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('main') !== null && document.querySelector('.loading') === null,
    { polling: 50 },
  );
  await page.waitForNetworkIdle({ idleTime: 300, concurrency: 2 });
}

const goesTo = (address: string) => async (page: Page) => {
  await page.goto(address);
  await settled(page);
};

/** By what the pages are made of, not by their words: they are shown in every language. */
async function submit(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [selector, text] of Object.entries(fields)) await page.locator(selector).fill(text);
  await page.locator('button[type="submit"]').click();
}

/** The page of an organization that is to be deleted; the browser works in the other one again as soon as it is shown. */
const closingPage = (url: string, organizations: Furniture['organizations']) => async (page: Page) => {
  const workIn = (organizationId: string | undefined) =>
    ask(page, 'POST', '/organizations/current', { organizationId });
  await page.goto(url);
  await workIn(organizations.closing);
  await goesTo(`${url}/organization`)(page);
  await page.waitForSelector('.closing');
  await workIn(organizations.own);
};

/** Of the public pages, in the language that was chosen in this browser, which they do not look at themselves. */
function readers(url: string): Stop[] {
  const goesToChosen = (name: string) => async (page: Page) => {
    await page.goto(`${url}/icon.svg`);
    const chosen = await page.evaluate(() => localStorage.getItem('cratersync.language'));
    await goesTo(`${url}/${chosen === '"fr"' ? 'fr' : 'en'}${name === 'home' ? '' : `/${name}`}`)(page);
  };
  const pages = ['home', 'pricing', 'security', 'privacy', 'terms', 'sub-processors', 'status'];
  return pages.map(name => ({ name, as: 'nobody', visit: goesToChosen(name) }));
}

function strangers(url: string, { guestLink, invitation, shared }: Furniture): Stop[] {
  const askForCode = async (page: Page, email = `somebody-${randomBytes(4).toString('hex')}@example.org`) => {
    await page.goto(`${url}/sign-in`);
    await submit(page, { 'input[type="email"]': email });
    await page.waitForSelector('input[autocomplete="one-time-code"]', { visible: true });
    return email;
  };
  const signUp = async (page: Page) => {
    const email = await askForCode(page);
    await submit(page, { 'input[autocomplete="one-time-code"]': await codeFor(url, email) });
    await page.waitForSelector('input[autocomplete="organization"]', { visible: true });
    return email;
  };
  const comeBack = async (page: Page) => {
    const email = await signUp(page);
    await ask(page, 'POST', '/me/deletion', { email });
    await askForCode(page, email);
    await submit(page, { 'input[autocomplete="one-time-code"]': await codeFor(url, email) });
    // The page of the code has a field, and this one has none.
    await page.waitForFunction(
      () => document.querySelector('main .button-primary') !== null && !document.querySelector('main input'),
    );
    await settled(page);
  };
  const enter = async (page: Page) => {
    await page.goto(guestLink);
    await submit(page, { 'input[autocomplete="name"]': 'Zoë' });
    await page.waitForSelector('.room-controls', { visible: true });
  };
  return [
    { name: 'sign-in', as: 'nobody', visit: goesTo(`${url}/sign-in`) },
    { name: 'sign-in-code', as: 'nobody', visit: async page => void (await askForCode(page)) },
    { name: 'sign-in-link', as: 'nobody', visit: goesTo(`${url}/sign-in#${'A'.repeat(22)}`) },
    { name: 'invitation', as: 'nobody', visit: goesTo(invitation) },
    { name: 'shared', as: 'nobody', visit: goesTo(shared) },
    { name: 'shared-ended', as: 'nobody', visit: goesTo(`${url}/shared#${'A'.repeat(22)}`) },
    { name: 'not-found', as: 'nobody', visit: goesTo(`${url}/nowhere`) },
    { name: 'join-bad-link', as: 'nobody', visit: goesTo(`${url}/join#${'A'.repeat(22)}`) },
    { name: 'welcome', as: 'nobody', visit: async page => void (await signUp(page)) },
    { name: 'come-back', as: 'nobody', visit: comeBack },
    { name: 'green-room', as: 'nobody', visit: goesTo(guestLink) },
    { name: 'room', as: 'nobody', visit: enter },
  ];
}

function members(url: string, ids: Furniture): Stop[] {
  const pages: Record<string, string> = {
    dashboard: '/',
    session: `/sessions/${ids.sessionId}`,
    'host-green-room': `/sessions/${ids.sessionId}/studio`,
    'producer-green-room': `/sessions/${ids.sessionId}/studio?as=producer`,
    recording: `/recordings/${ids.recordingId}`,
    account: '/account',
    organization: '/organization',
    billing: '/organization/billing',
    integrations: '/organization/api',
    webhook: `/organization/webhooks/${ids.webhookId}`,
    audit: '/organization/audit',
    keys: '/organization/keys',
    deletions: '/organization/deletions',
    notices: '/notices',
    export: '/organization/export',
  };
  return Object.entries(pages).map(([name, path]) => ({ name, as: 'host', visit: goesTo(`${url}${path}`) }));
}
