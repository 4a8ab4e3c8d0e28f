import { Browser } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { press, sees } from '../support/browser.ts';
import { ask, codeFor, hostSession, linkFor } from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { StripeServer } from '../support/stripe-server.ts';

// One story, told in order: each step stands on the one before.
describe('a plan, in the browser', function () {
  this.timeout(120_000);
  let stripe: StripeServer;
  before(async () => {
    stripe = await StripeServer.start();
  });
  after(() => stripe.close());
  const scene = useStack(() => stripe.environment);
  let rita: Page;

  before(async () => {
    stripe.webhookUrl = `${scene.url}/webhooks/stripe`;
    rita = await scene.page();
    await hostSession(rita, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
  });

  it('an owner with Free finds Team, and pays for it at the payment service’s own page', async () => {
    await press(rita, 'Rita’s studio', 'link');
    await sees(rita, 'Your plan, Free, keeps recordings for 30 days at most. You may choose a shorter time.');
    await press(rita, 'Plan and billing', 'link');
    await sees(rita, '0 h of 2 h');
    await sees(rita, '€15 a month for each member');
    await press(rita, 'Try Team for 14 days');
    await sees(rita, '1 × price_team');
    expect(rita.url()).to.match(new RegExp(`^${stripe.url}/pay/`));
    await press(rita, 'Subscribe');
    await sees(rita, 'Thank you: Team is yours.');
    const renewal = new Date(Date.now() + 14 * 86_400_000).toLocaleDateString('en-US', { dateStyle: 'long' });
    await sees(rita, new RegExp(`Renews on\\s+${renewal}`));
    await sees(rita, /Seats\s+One seat/);
  });

  it('whoever is taken in gets a seat', async () => {
    await ask(rita, 'POST', '/organization/invitations', { email: 'ada@example.org', role: 'member' });
    const link = await linkFor(scene.url, 'ada@example.org', '/invitation');
    const ada = new Browser(scene.url);
    await ada.post('/api/v1/sign-in/codes', { email: 'ada@example.org' });
    await ada.post('/api/v1/sign-in', {
      email: 'ada@example.org',
      code: await codeFor(scene.url, 'ada@example.org'),
    });
    await ada.post('/api/v1/member-invitations/accept', { token: link.split('#')[1] });
    await seesAfterReloads(rita, /Seats\s+2 seats/);
  });

  it('cards and receipts are looked after at the payment service; Free is chosen with its end in sight', async () => {
    await press(rita, 'Payments and receipts');
    await sees(rita, 'Billing portal');
    await rita.goto(`${scene.url}/organization/billing`);
    await press(rita, 'Change to Free');
    await sees(rita, 'Until then you can change your mind.');
    await press(rita, 'Change to Free');
    await sees(rita, 'Ends on');
    await press(rita, 'Keep Team');
    await sees(rita, 'Renews on');
    expect(scene.faults).to.deep.equal([]);
  });
});

/** The worker tells the payment service, which tells us: until then the page shows what was. */
async function seesAfterReloads(page: Page, text: RegExp): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    await page.reload();
    await sees(page, 'Seats');
    if (text.test(await page.evaluate(() => document.body.innerText))) return;
  }
  throw new Error(`the page never showed ${text}`);
}
