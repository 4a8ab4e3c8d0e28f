import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { hostSession, joinAsHost } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

// One story, told in order: each step stands on the one before.
describe('the dashboard', function () {
  this.timeout(120_000);
  const scene = useStack();
  let page: Page;

  before(async () => {
    page = await scene.page();
    await hostSession(page, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
  });

  /** The titles under a heading. */
  const under = (heading: string) =>
    page.evaluate(
      wanted =>
        [...document.querySelectorAll('section')]
          .filter(section => section.querySelector('h2')?.textContent === wanted)
          .flatMap(section =>
            [...section.querySelectorAll('.list-title')].map(({ firstChild }) => firstChild?.textContent),
          ),
      heading,
    );

  it('plans a session for a time', async () => {
    await page.goto(scene.url);
    await press(page, 'New session');
    await fill(page, 'Title', 'Comets');
    await page.$eval('input[type="datetime-local"]', input => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
      set?.call(input, '2031-05-01T10:30');
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await press(page, 'Create');
    await sees(page, /Planned for May 1, 2031, 10:30/);
    await press(page, 'Settings');
    await fill(page, 'Title', 'Comets and tails');
    await press(page, 'Save');
    await page.locator(named('heading', 'Comets and tails')).wait();
  });

  it('shows what is over apart from what is to come, and who was there', async () => {
    await page.goto(scene.url);
    await page.locator('::-p-text(Moon talk)').click();
    await joinAsHost(page);
    await press(page, 'Leave');
    await sees(page, 'You left');
    await page.goto(scene.url);
    await sees(page, 'Past');
    expect(await under('Upcoming')).to.deep.equal(['Comets and tails']);
    expect(await under('Past')).to.deep.equal(['Moon talk']);
    const people = await page.$$eval('.list-people', all => all.map(({ textContent }) => textContent));
    expect(people).to.deep.equal(['Rita']);
  });

  it('finds sessions by title and by who was there', async () => {
    const search = async (text: string) => {
      await page.locator(named('searchbox', 'Search')).fill(text);
    };
    await search('COMET');
    await page.waitForFunction(() => !document.body.innerText.includes('Moon talk'));
    await sees(page, 'Comets and tails');
    expect(await under('Upcoming')).to.deep.equal(['Comets and tails']);
    await search('rita');
    await sees(page, 'Moon talk');
    await page.waitForFunction(() => !document.body.innerText.includes('Comets'));
    await search('nobody at all');
    await sees(page, 'No session was found.');
    expect(scene.faults).to.deep.equal([]);
  });
});
