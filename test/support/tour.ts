import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, notices, openDatabase, unscoped } from '@cratersync/db';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { createLog } from '@cratersync/infra/runtime';
import { encodeOpus, journal, opusInfo, opusUnits, type TestTrack, tone } from '@cratersync/recorder/testing';
import type { rest } from '@cratersync/signaling/protocol';
import { noticeTexts } from '@cratersync/signaling/testing';
import type { Page } from 'puppeteer';
import { type BrowserOptions, PersonalBrowser, sees } from './browser.ts';
import { finishedRecording } from './finished-recording.ts';
import { publicPages } from './operator.ts';
import { ask, hostSession, invite, linkFor } from './people.ts';
import { StripeServer } from './stripe-server.ts';
import { type Furniture, type Stop, stopsOf } from './tour-stops.ts';

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
    const furniture = await furnish(page, stack, { database, stripe });
    await page.close();
    return new Tour({ stack, host, database, stripe, folder }, stopsOf(stack.url, furniture));
  }

  async stop(): Promise<void> {
    await this.host.close();
    await this.#database.close();
    await this.stack.stop();
    await this.#stripe.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Something on every page, in the order in which people would make it. */
async function furnish(
  page: Page,
  stack: Stack,
  { database, stripe }: { database: Database; stripe: StripeServer },
): Promise<Furniture> {
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
  for (const title of ['Episode 11: Tides', 'A trial of the new microphones'])
    await ask(page, 'POST', '/sessions', { title });
  const { recordingId, shared } = await recordings(page, stack, database, sessionId);
  const webhookId = await integrations(page, url);
  await subscribe(page, stripe);
  // This server has no name in AWS: the page says why the key is not used.
  await ask(page, 'POST', '/organization/keys', {
    keyArn: 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    roleArn: 'arn:aws:iam::111122223333:role/cratersync',
  });
  await ask(page, 'POST', '/organization/invitations', { email: 'ada@example.org', role: 'member' });
  const invitation = await linkFor(url, 'ada@example.org', '/invitation');
  await ask(page, 'PATCH', '/organization/keeping', { retention: { kind: 'days', days: 90 } });
  await unscoped(database, tx => notices.publish(tx, notice()));
  const organizations = await closeOne(page);
  await page.goto(`${url}/recordings/${recordingId}`);
  await sees(page, 'All files are ready.', 120_000);
  const passphrase = 'a passphrase for the tour';
  await ask(page, 'POST', '/organization/exports', { what: 'stems', passphrase });
  await ask(page, 'POST', '/me/exports', { passphrase });
  return { sessionId, recordingId, webhookId, guestLink, invitation, shared, organizations };
}

/** One that is deleted, and one that is marked and shared. */
async function recordings(page: Page, stack: Stack, database: Database, sessionId: string) {
  const names = ['Grace Hopper', 'Björn Borg'];
  const recorded = { sessionId, names, tracks: await conversation(), seconds: SECONDS };
  const recordingId = await finishedRecording(stack, database, recorded);
  const deletedId = await finishedRecording(stack, database, recorded);
  await ask(page, 'DELETE', `/recordings/${deletedId}`);
  await ask(page, 'POST', `/recordings/${recordingId}/markers`, { name: 'Good opening', atMs: 2_000 });
  const share = async (name: string) =>
    (await ask(page, 'POST', `/recordings/${recordingId}/shares`, { name })) as { url: string };
  const { url: shared } = await share('Björn Borg, editor');
  await share('The client');
  return { recordingId, shared };
}

/** @returns the id of a webhook, which was tried */
async function integrations(page: Page, url: string): Promise<string> {
  const token = { name: 'Calendar', scopes: ['sessions:read'], expiresInDays: 90 };
  await ask(page, 'POST', '/organization/tokens', token);
  const hook = { url: `${url}/hook`, events: ['recording.stems_ready'] };
  const { webhookId } = (await ask(page, 'POST', '/organization/webhooks', hook)) as { webhookId: string };
  await ask(page, 'POST', `/organization/webhooks/${webhookId}/test`, {});
  return webhookId;
}

async function subscribe(page: Page, stripe: StripeServer): Promise<void> {
  const checkout = await ask(page, 'POST', '/organization/billing/checkout', { plan: 'team' });
  await fetch((checkout as { url: string }).url, { method: 'POST', redirect: 'manual' });
  await stripe.settled();
}

/** Makes another organization, and has it deleted in a week. */
async function closeOne(page: Page): Promise<Furniture['organizations']> {
  const { organization } = (await ask(page, 'GET', '/me')) as rest.Me;
  const closing = { name: 'Radio of the Tides', region: 'fr' };
  const made = (await ask(page, 'POST', '/organizations', closing)) as rest.Me;
  await ask(page, 'POST', '/organization/deletion', { name: closing.name });
  const organizations = { own: organization?.organizationId, closing: made.organization?.organizationId };
  await ask(page, 'POST', '/organizations/current', { organizationId: organizations.own });
  return organizations;
}

const notice = () => ({
  ...{ kind: 'sub-processors' as const, version: 1, effectiveAt: new Date(Date.now() + 40 * 86_400_000) },
  texts: noticeTexts,
});

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
