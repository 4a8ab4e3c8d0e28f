import { openDatabase, unreachableAddresses, unscoped } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { codeFor, enterCode, hostSession, joinAsHost, linkFor, signIn } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

// One story, told in order: each step stands on the one before.
describe('an organization and its people, in the browser', function () {
  this.timeout(120_000);
  const scene = useStack();
  let rita: Page;
  let ada: Page;
  let studio: string;

  before(async () => {
    rita = await scene.page();
    ada = await scene.page();
    studio = await hostSession(rita, scene.url, {
      email: 'rita@example.org',
      name: 'Rita',
      title: 'Moon talk',
    });
  });

  it('an owner invites somebody by mail, who accepts, signs in and says their name', async () => {
    await press(rita, 'Rita’s studio', 'link');
    await sees(rita, 'Recordings are kept in Canada');
    await fill(rita, 'Mail address', 'ada@example.org');
    await press(rita, 'Send the invitation');
    await sees(rita, 'ada@example.org · Member');
    await ada.goto(await linkFor(scene.url, 'ada@example.org', '/invitation'));
    await sees(ada, 'Join Rita’s studio');
    await press(ada, 'Accept');
    await fill(ada, 'Mail address', 'ada@example.org');
    await press(ada, 'Send me a code');
    await enterCode(ada, await codeFor(scene.url, 'ada@example.org'));
    await sees(ada, 'Your name, and you are in.');
    await fill(ada, 'Your name', 'Ada');
    await press(ada, 'Continue');
    await sees(ada, 'Moon talk');
    await rita.reload();
    await sees(rita, 'Ada · ada@example.org');
  });

  it('an invitation whose mail came back says so, and is handed on as a link', async () => {
    const email = 'nobody@example.org';
    await fill(rita, 'Mail address', email);
    await press(rita, 'Send the invitation');
    await sees(rita, `${email} · Member`);
    const database = openDatabase({ url: scene.stack.databaseUrl, log: createLog('test', 'silent') });
    await unscoped(database, tx => unreachableAddresses.mark(tx, { email, words: '550 5.1.1 no such user' }));
    await database.close();
    await rita.reload();
    await sees(rita, 'The mail did not arrive: 550 5.1.1 no such user.');
    await press(rita, 'Copy the link instead');
    await sees(rita, 'It is for nobody@example.org alone');
    const input = await rita.waitForSelector(named('textbox', 'Invitation link'));
    await ada.goto((await input?.evaluate(element => (element as HTMLInputElement).value)) ?? '');
    await sees(ada, 'Join Rita’s studio');
    await press(rita, `Withdraw ${email}`);
    await rita.waitForFunction(address => !document.body.innerText.includes(address), {}, email);
    await ada.goto(scene.url);
  });

  it('the owner makes them an admin, and the audit log tells it', async () => {
    await press(rita, 'Member Role of Ada');
    await press(rita, 'Admin', 'option');
    await ada.reload();
    await press(ada, 'Rita’s studio', 'link');
    await press(ada, 'Audit log', 'link');
    for (const line of [
      'Rita changed a role · Ada, from member, to admin',
      'Ada joined',
      'Rita invited a member',
    ])
      await sees(ada, line);
  });

  it('whoever is removed is out of the studio at once, and sees nothing more', async () => {
    await ada.goto(studio);
    await joinAsHost(ada);
    await press(rita, 'Remove Ada');
    await sees(ada, 'You are no longer a member of this organization.');
    await ada.goto(scene.url);
    await sees(ada, 'Two names, and you can record.');
  });

  it('somebody declines; somebody else accepts, is handed the organization, hands it back, and leaves', async () => {
    const invite = async (email: string) => {
      await rita.goto(`${scene.url}/organization`);
      await fill(rita, 'Mail address', email);
      await press(rita, 'Send the invitation');
      await sees(rita, `${email} · Member`);
      await ada.goto(await linkFor(scene.url, email, '/invitation'));
    };
    await invite('eve@example.org');
    await press(ada, 'Decline');
    await sees(ada, 'You declined.');
    await invite('ada@example.org');
    await press(ada, 'Accept');
    await sees(ada, 'Moon talk');
    await rita.reload();
    await press(rita, 'Hand it on to Ada');
    await sees(rita, 'Your role: Admin.');
    await ada.goto(`${scene.url}/organization`);
    await sees(ada, 'Your role: Owner.');
    await press(ada, 'Hand it on to Rita');
    await sees(ada, 'Your role: Admin.');
    await press(ada, 'Leave');
    await sees(ada, 'record.');
    await rita.goto(scene.url);
  });

  it('one person makes another organization, works in it and comes back', async () => {
    await press(rita, 'Rita', 'link');
    await press(rita, 'New organization');
    await fill(rita, 'Organization name', 'Sun Radio');
    await press(rita, 'Create');
    await sees(rita, 'No sessions yet');
    await press(rita, 'Rita', 'link');
    await press(rita, 'Work here: Rita’s studio');
    await sees(rita, 'Moon talk');
  });

  it('an owner deletes it by its name, sees so on every page, and keeps it', async () => {
    await rita.goto(`${scene.url}/organization`);
    await press(rita, 'Delete the organization…');
    const confirm = 'Its name, to confirm: Rita’s studio';
    await fill(rita, confirm, 'Rita');
    await press(rita, 'Delete the organization');
    await sees(rita, 'That is not its name.');
    await fill(rita, confirm, 'Rita’s studio');
    await press(rita, 'Delete the organization');
    await sees(rita, 'Rita’s studio will be erased on');
    await rita.goto(scene.url);
    await sees(rita, 'Until then it can only be read.');
    await press(rita, 'Keep the organization');
    await rita.waitForFunction(() => document.querySelector('.closing') === null);
  });

  it('signs in by a passkey, whose answer works once, and takes it back', async () => {
    const devtools = await rita.createCDPSession();
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await press(rita, 'Rita', 'link');
    await press(rita, 'Add a passkey');
    await sees(rita, 'Made with Chrome on Linux');
    await press(rita, 'Sign out');
    const asked = rita.waitForRequest(request => request.url().endsWith('/sign-in/passkey'));
    await press(rita, 'Use a passkey');
    const answer = (await asked).postData();
    await sees(rita, 'Moon talk');
    const replayed = await rita.evaluate(async body => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/v1/sign-in/passkey', { method: 'POST', headers, body: body ?? '' });
      return [answer.status, (await answer.json()).code];
    }, answer);
    expect(replayed).to.deep.equal([401, 'passkey_refused']);
    await press(rita, 'Rita', 'link');
    await press(rita, 'Remove the passkey');
    await sees(rita, 'A passkey signs you in');
    await press(rita, 'Sign out');
    await press(rita, 'Use a passkey');
    await sees(rita, 'That passkey was not accepted.');
    await signIn(rita, scene.url, 'rita@example.org');
    await sees(rita, 'Moon talk');
  });

  it('says who one is, and is shown times where one wants them', async () => {
    await press(rita, 'Rita', 'link');
    await fill(rita, 'Your name', 'Rita Mota');
    const zone = async (name: string) => {
      // All of what is there, so that what is typed takes its place.
      await rita.locator(named('combobox', 'Time zone')).click({ count: 3 });
      await rita.keyboard.type(name);
    };
    await zone('Asia/Tokio');
    await press(rita, 'Save');
    await sees(rita, 'There is no such time zone.');
    await zone('Asia/Tokyo');
    await press(rita, 'English Language of the pages and of our mail');
    await press(rita, 'Français', 'option');
    await press(rita, 'Save');
    // What was chosen holds at once: the page itself is in French.
    await sees(rita, 'Votre profil est enregistré.');
    expect(await rita.evaluate(() => document.documentElement.lang)).to.equal('fr');
    await press(rita, 'Rita’s studio', 'link');
    const { members } = rest.members.parse(
      await rita.evaluate(async () => (await fetch('/api/v1/organization/members')).json()),
    );
    const style = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' } as const;
    const since = (locale: string) =>
      new Intl.DateTimeFormat(locale, style).format(new Date(members[0]?.since ?? ''));
    await sees(rita, `depuis le ${since('fr')}`);
    await press(rita, 'English');
    await sees(rita, `since ${since('en')}`);
    await rita.reload();
    await sees(rita, `since ${since('en')}`);
  });

  it('has another mail address by the codes from both mailboxes, and signs in with it', async () => {
    await press(rita, 'Rita Mota', 'link');
    await press(rita, 'Change the address');
    await fill(rita, 'New mail address', 'mota@example.org');
    await press(rita, 'Send both codes');
    await sees(rita, 'Two codes are on their way');
    // Who looks into their mail in the same tab finds the form again.
    await rita.reload();
    for (const email of ['rita@example.org', 'mota@example.org'])
      await fill(rita, `Code sent to ${email}`, await codeFor(scene.url, email));
    await press(rita, 'Change the address');
    await rita.locator(named('button', 'Change the address')).wait();
    await sees(rita, 'mota@example.org');
    await press(rita, 'Sign out');
    await rita.locator(named('button', 'Send me a code')).wait();
    await signIn(rita, scene.url, 'mota@example.org');
    await sees(rita, 'Moon talk');
  });

  it('writes to a newcomer in the language of the page on which they asked', async () => {
    const context = await ada.browser().createBrowserContext();
    const page = await context.newPage();
    await page.goto(scene.url);
    await page.locator(named('button', 'Send me a code')).wait();
    await press(page, 'Français');
    await fill(page, 'Adresse e-mail', 'zoe@example.org');
    await press(page, 'M’envoyer un code');
    const code = await codeFor(scene.url, 'zoe@example.org');
    const messages: { to: string; subject: string }[] = await (
      await fetch(`${scene.url}/dev/inbox/messages`)
    ).json();
    const subject = messages.find(({ to }) => to.includes('zoe@example.org'))?.subject;
    expect(subject).to.match(/est votre code de connexion/);
    await fill(page, 'Code', code);
    await press(page, 'Se connecter');
    await page.locator(named('button', 'Continuer')).wait();
    await context.close();
  });

  it('signs out everywhere', async () => {
    await press(rita, 'Rita Mota', 'link');
    await sees(rita, 'This browser');
    await press(rita, 'Sign out everywhere');
    await rita.locator(named('button', 'Send me a code')).wait();
    expect(scene.faults).to.deep.equal([]);
  });
});
