import { openDatabase } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { encodeOpus, journal, opusInfo, opusUnits, tone } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, press, sees } from '../support/browser.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import { KmsServer, kmsCredentials } from '../support/kms-server.ts';
import { hostSession } from '../support/people.ts';
import { StackScene } from '../support/stack.ts';

const roleArn = 'arn:aws:iam::444455556666:role/cratersync';

// One story, told in order: each step stands on the one before.
describe('an organization’s own key, in the browser', function () {
  this.timeout(120_000);
  const scene = new StackScene();
  let kms: KmsServer;
  let page: Page;
  let keyArn: string;
  let recordingId: string;
  before(async () => {
    kms = await KmsServer.start();
    keyArn = kms.addKey(roleArn);
    await scene.start({
      AWS_ACCESS_KEY_ID: kmsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kmsCredentials.secretAccessKey,
      AWS_KMS_ENDPOINT: kms.url,
      AWS_STS_ENDPOINT: kms.url,
    });
    page = await scene.page();
    const who = { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' };
    const session = await hostSession(page, scene.url, who);
    const database = openDatabase({ url: scene.stack.databaseUrl, log: createLog('test', 'silent') });
    const info = opusInfo(0);
    const records = journal(opusUnits(await encodeOpus(tone(440, 2))), info, { startS: 0 });
    recordingId = await finishedRecording(scene.stack, database, {
      ...{ sessionId: session.split('/').at(-1) ?? '', names: ['Ada'], seconds: 2 },
      tracks: [{ person: 0, source: 'mic', info, records }],
    });
    await database.close();
    await page.goto(`${scene.url}/recordings/${recordingId}`);
    await sees(page, 'All files are ready.', 60_000);
  });
  after(async () => {
    await scene.close();
    await kms.close();
  });

  /** What a download of all files answers. */
  const download = () =>
    page.evaluate(async () => {
      const link = [...document.querySelectorAll('a')].find(({ href }) => href.includes('stems.zip'));
      const answer = await fetch(link?.href ?? '');
      return { status: answer.status, text: answer.ok ? '' : await answer.text() };
    });

  it('an owner is told why a key is not used', async () => {
    await page.goto(`${scene.url}/organization/keys`);
    await sees(page, 'The key of this server');
    await fill(page, 'ARN of the key', keyArn);
    await fill(page, 'ARN of the role that we assume to use it', roleArn);
    await press(page, 'Try it, and use it');
    await sees(page, 'AWS does not let us assume the role');
  });

  it('and sees it used, once their policy lets us', async () => {
    const externalId = await page.evaluate(
      () =>
        [...document.querySelectorAll('code')].find(({ innerText }) => !innerText.startsWith('arn'))
          ?.innerText,
    );
    kms.roles.set(roleArn, externalId ?? '');
    await press(page, 'Try it, and use it');
    await sees(page, `as ${roleArn}`);
    await sees(page, '1 of 1 recordings were gone through');
    await page.goto(`${scene.url}/recordings/${recordingId}`);
    await sees(page, 'All files are ready.');
    expect(await download()).to.include({ status: 200 });
  });

  it('a download says plainly that the key refuses, and works when it does not', async () => {
    kms.key(keyArn).state = 'Disabled';
    const refused = await download();
    expect(refused.status).to.equal(503);
    expect(refused.text).to.contain('own key does not open the recording right now. Nothing is lost.');
    kms.key(keyArn).state = 'Enabled';
    expect(await download()).to.include({ status: 200 });
  });

  it('they stop using it', async () => {
    await page.goto(`${scene.url}/organization/keys`);
    await press(page, 'Stop using it');
    await sees(page, 'Stop using your own key?');
    await press(page, 'Keep it');
    await press(page, 'Stop using it');
    await sees(page, 'Leave us your key until');
    await page.locator('[role="alertdialog"] .button-danger').click();
    await sees(page, 'The key of this server');
    await sees(page, '1 of 1 recordings were gone through');
    kms.key(keyArn).state = 'PendingDeletion';
    await page.goto(`${scene.url}/recordings/${recordingId}`);
    await sees(page, 'All files are ready.');
    expect(await download()).to.include({ status: 200 });
  });
});
