import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, notices, openDatabase, unscoped } from '@cratersync/db';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { createLog } from '@cratersync/infra/runtime';
import { encodeOpus, journal, opusInfo, opusUnits, type TestTrack, tone } from '@cratersync/recorder/testing';
import type { rest } from '@cratersync/signaling/protocol';
import type { Page } from 'puppeteer';
import { type BrowserOptions, PersonalBrowser, sees } from './browser.ts';
import { finishedRecording } from './finished-recording.ts';
import { publicPages } from './operator.ts';
import { codeFor, hostSession, invite, linkFor } from './people.ts';
import { StripeServer } from './stripe-server.ts';

/** A page of the product as somebody finds it: who they are, where they go, and what they do first. */
export interface Stop {
  name: string;
  /** Nobody has an account here. */
  as: 'host' | 'nobody';
  /** Goes there, and returns when all of it is shown. */
  visit: (page: Page) => Promise<void>;
}

const SECONDS = 12;

/** A running stack with something on every page: sessions, a recording, a deleted one, members, tokens, webhooks. */
export class Tour {
  readonly stack: Stack;
  readonly host: PersonalBrowser;
  readonly stops: readonly Stop[];
  readonly #database: Database;
  readonly #stripe: StripeServer;
  readonly #folder: string;

  private constructor(
    kept: { stack: Stack; host: PersonalBrowser; database: Database; stripe: StripeServer; folder: string },
    stops: Stop[],
  ) {
    this.stack = kept.stack;
    this.host = kept.host;
    this.#database = kept.database;
    this.#stripe = kept.stripe;
    this.#folder = kept.folder;
    this.stops = stops;
  }

  static async start(options: BrowserOptions = {}): Promise<Tour> {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-tour-'));
    const stripe = await StripeServer.start();
    const settings = { DATA_DIR: join(folder, 'data'), PORT: '0', WEBHOOK_ALLOW_PRIVATE: 'true' };
    const pages = { ...(await publicPages(folder)), GA_MEASUREMENT_ID: 'G-TOUR1234' };
    const env = { ...process.env, ...settings, ...stripe.environment, ...pages };
    const stack = await startStack({ env });
    const database = openDatabase({ url: stack.databaseUrl, log: createLog('test', 'silent') });
    const host = await PersonalBrowser.open(options);
    const page = await host.page();
    stripe.webhookUrl = `${stack.url}/webhooks/stripe`;
    const stops = await furnish(page, stack, { database, stripe });
    await page.close();
    return new Tour({ stack, host, database, stripe, folder }, stops);
  }

  async stop(): Promise<void> {
    await this.host.close();
    await this.#database.close();
    await this.stack.stop();
    await this.#stripe.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function furnish(
  page: Page,
  stack: Stack,
  { database, stripe }: { database: Database; stripe: StripeServer },
): Promise<Stop[]> {
  const { url } = stack;
  const sessionPage = await hostSession(page, url, {
    // Where the public pages are on, home is at `/`.
    signInAt: `${url}/sign-in`,
    email: 'grace@example.org',
    name: 'Grace Hopper',
    title: 'Episode 12: What the moon is made of',
  });
  const sessionId = sessionPage.split('/').at(-1) ?? '';
  const guestLink = await invite(page);
  const send = (method: string, path: string, body?: unknown) =>
    page.evaluate(
      async (how, where, what) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`/api/v1${where}`, { method: how, ...(what && { headers, body: what }) });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${where}: ${text}`);
        return text === '' ? null : JSON.parse(text);
      },
      method,
      path,
      body === undefined ? '' : JSON.stringify(body),
    );
  for (const title of ['Episode 11: Tides', 'A trial of the new microphones'])
    await send('POST', '/sessions', { title });
  const tracks = await conversation();
  const names = ['Grace Hopper', 'Björn Borg'];
  const recordingId = await finishedRecording(stack, database, {
    sessionId,
    names,
    tracks,
    seconds: SECONDS,
  });
  const deletedId = await finishedRecording(stack, database, { sessionId, names, tracks, seconds: SECONDS });
  await send('DELETE', `/recordings/${deletedId}`);
  await send('POST', `/recordings/${recordingId}/markers`, { name: 'Good opening', atMs: 2_000 });
  await send('POST', '/organization/tokens', {
    name: 'Calendar',
    scopes: ['sessions:read'],
    expiresInDays: 90,
  });
  const hook = { url: `${url}/hook`, events: ['recording.stems_ready'] };
  const { webhookId } = (await send('POST', '/organization/webhooks', hook)) as { webhookId: string };
  await send('POST', `/organization/webhooks/${webhookId}/test`, {});
  const { url: checkout } = (await send('POST', '/organization/billing/checkout', { plan: 'team' })) as {
    url: string;
  };
  await fetch(checkout, { method: 'POST', redirect: 'manual' });
  await stripe.settled();
  // This server has no name in AWS: the page says why the key is not used.
  await send('POST', '/organization/keys', {
    keyArn: 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    roleArn: 'arn:aws:iam::111122223333:role/cratersync',
  });
  await send('POST', '/organization/invitations', { email: 'ada@example.org', role: 'member' });
  const invitation = await linkFor(url, 'ada@example.org', '/invitation');
  const shares = await Promise.all(
    ['Björn Borg, editor', 'The client'].map(name =>
      send('POST', `/recordings/${recordingId}/shares`, { name }),
    ),
  );
  const [{ url: shared }] = shares as [{ url: string }];
  await send('PATCH', '/organization/keeping', { retention: { kind: 'days', days: 90 } });
  await unscoped(database, tx =>
    notices.publish(tx, {
      ...{ kind: 'sub-processors', version: 1, effectiveAt: new Date(Date.now() + 40 * 86_400_000) },
      texts: {
        en: {
          title: 'Another mail provider',
          text: 'Mail is sent by Example Mail.\n\nIt sees addresses and letters.',
        },
        fr: {
          title: 'Un autre prestataire',
          text: 'Le courrier part par Example Mail.\n\nIl voit adresses et lettres.',
        },
      },
    }),
  );
  const { organization } = (await send('GET', '/me')) as rest.Me;
  const closing = { name: 'Radio of the Tides', region: 'fr' };
  const made = (await send('POST', '/organizations', closing)) as rest.Me;
  await send('POST', '/organization/deletion', { name: closing.name });
  const organizations = { own: organization?.organizationId, closing: made.organization?.organizationId };
  await send('POST', '/organizations/current', { organizationId: organizations.own });
  await page.goto(`${url}/recordings/${recordingId}`);
  await sees(page, 'All files are ready.', 120_000);
  const passphrase = 'a passphrase for the tour';
  await send('POST', '/organization/exports', { what: 'stems', passphrase });
  await send('POST', '/me/exports', { passphrase });
  const stops = [
    ...readers(url),
    ...strangers(url, { guestLink, invitation, shared }),
    ...members(url, { sessionId, recordingId, webhookId }),
    { name: 'organization-closing', as: 'host', visit: closingPage(url, organizations) } as const,
  ];
  return stops.map(stop => ({ ...stop, visit: page => reach(stop, page) }));
}

async function conversation(): Promise<TestTrack[]> {
  const word = (index: number) => Math.max(0, Math.sin(index / 9000) * Math.sin(index / 31_000));
  const mic = async (person: number, hz: number): Promise<TestTrack> => {
    const info = opusInfo(person);
    const sound = tone(hz, SECONDS).map((value, index) => value * word(index));
    const lost = (index: number) => person === 1 && index >= 200 && index < 260;
    return {
      person,
      source: 'mic',
      info,
      records: journal(opusUnits(await encodeOpus(sound)), info, { startS: 0, lost }),
    };
  };
  return [await mic(0, 220), await mic(1, 330)];
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
const closingPage =
  (url: string, organizations: { own: string | undefined; closing: string | undefined }) =>
  async (page: Page) => {
    const workIn = (organizationId: string | undefined) =>
      page.evaluate(async body => {
        const headers = { 'content-type': 'application/json' };
        await fetch('/api/v1/organizations/current', { method: 'POST', headers, body });
      }, JSON.stringify({ organizationId }));
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

function strangers(
  url: string,
  { guestLink, invitation, shared }: { guestLink: string; invitation: string; shared: string },
): Stop[] {
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
    await page.evaluate(async body => {
      const headers = { 'content-type': 'application/json' };
      await fetch('/api/v1/me/deletion', { method: 'POST', headers, body });
    }, JSON.stringify({ email }));
    await askForCode(page, email);
    await submit(page, { 'input[autocomplete="one-time-code"]': await codeFor(url, email) });
    await page.waitForSelector('main .button-primary[type="button"]', { visible: true });
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

function members(url: string, ids: { sessionId: string; recordingId: string; webhookId: string }): Stop[] {
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
