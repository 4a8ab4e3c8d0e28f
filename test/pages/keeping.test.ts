import { notices, openDatabase, unscoped } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { choose, hostSession, invite } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

// One story, told in order: each step stands on the one before.
describe('keeping and leaving, on the pages', function () {
  this.timeout(120_000);
  const scene = useStack();
  let page: Page;
  let link: string;

  before(async () => {
    page = await scene.page();
    await hostSession(page, scene.url, { email: 'vera@example.org', name: 'Vera', title: 'Moon talk' });
    link = await invite(page);
  });

  const green = async (words: RegExp) => {
    const guest = await scene.page();
    await guest.goto(link);
    await sees(guest, words);
    await guest.close();
  };

  /** In the place of what stands there. */
  const retype = async (name: string, text: string) => {
    const field = await page.locator(named('textbox', name)).waitHandle();
    await field.click({ count: 3 });
    await field.type(text);
  };

  it('keeps recordings for as long as the organization says, and says so to who comes', async () => {
    await page.goto(`${scene.url}/organization`);
    // Two parts of the page load by themselves, and move what is below them.
    await sees(page, 'Invite a member');
    await sees(page, 'Legal hold');
    await choose(page, 'Recordings are kept', 'For a number of days');
    await retype('Days', '5');
    await page.locator('section[aria-labelledby="keeping-heading"] button[type="submit"]').click();
    await sees(page, '7 days at least: people are told so long before');
    await retype('Days', '30');
    await page.locator('section[aria-labelledby="keeping-heading"] button[type="submit"]').click();
    await sees(page, 'Saved.');
    await green(/Vera’s studio keeps them in Canada for 30 days, if it does not delete them before/);
  });

  it('holds what must stay, and lets go of it again', async () => {
    await press(page, 'Place a legal hold');
    await fill(page, 'Reason', 'Case 7');
    await press(page, 'Hold it');
    await sees(page, /Held since .*: Case 7/);
    await green(/A legal hold is in force there/);
    await press(page, 'Release the hold');
    await page.locator(named('button', 'Place a legal hold')).wait();
  });

  it('shows owners what was announced until they have taken note', async () => {
    const database = openDatabase({ url: scene.stack.databaseUrl, log: createLog('test', 'silent') });
    await unscoped(database, tx =>
      notices.publish(tx, {
        ...{ kind: 'privacy', version: 1, effectiveAt: new Date(Date.now() + 31 * 86_400_000) },
        texts: { en: { title: 'A new policy', text: 'One.' }, fr: { title: 'Une politique', text: 'Un.' } },
      }),
    );
    await database.close();
    await page.goto(scene.url);
    await sees(page, /From .* on: A new policy/);
    await press(page, 'Read it, and take note', 'link');
    await press(page, 'I have taken note: A new policy');
    await sees(page, /Vera took note on/);
    await page.goto(scene.url);
    await sees(page, 'Moon talk');
    expect(await page.evaluate(() => document.body.innerText)).not.to.contain('A new policy');
  });

  it('tells the only owner what to do before they can go', async () => {
    await page.goto(`${scene.url}/account`);
    await press(page, 'Delete your account…');
    await fill(page, 'Type vera@example.org to confirm', 'vera@example.org');
    await press(page, 'Delete my account');
    await sees(page, 'You are the only member of Vera’s studio. Delete the organization first, on its page.');
    expect(scene.faults).to.deep.equal([]);
  });
});
