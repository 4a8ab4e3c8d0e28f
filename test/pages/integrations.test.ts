import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, press, sees } from '../support/browser.ts';
import { hostSession } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

// One story, told in order: each step stands on the one before.
describe('tokens and webhooks, in the browser', function () {
  this.timeout(120_000);
  const scene = useStack(() => ({ WEBHOOK_ALLOW_PRIVATE: 'true' }));
  let rita: Page;
  let receiver: Server;
  const arrivals = new EventEmitter();
  const arrived: string[] = [];
  let isGone = false;

  before(async () => {
    receiver = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      arrived.push(body);
      arrivals.emit('arrival');
      response.writeHead(isGone ? 410 : 200).end('thank you');
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    rita = await scene.page();
    await hostSession(rita, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
  });
  after(() => {
    receiver.close();
    receiver.closeAllConnections();
  });

  const secretIn = (label: string): Promise<string> =>
    rita.$eval(`aria/${label}`, element => (element as HTMLInputElement).value);

  it('an owner makes a token, with which a program lists the sessions', async () => {
    await press(rita, 'Rita’s studio', 'link');
    await press(rita, 'API', 'link');
    await sees(rita, 'No program has access.');
    await press(rita, 'New token');
    await fill(rita, 'Name', 'Calendar');
    // The switch itself is hidden behind its looks, which stand in the same label.
    await rita.click('.switch:has([aria-label="List and read sessions"])');
    await press(rita, 'Make the token');
    await sees(rita, 'Copy it now: it is not shown again.');
    const token = await secretIn('Token');
    const list = () =>
      fetch(`${scene.url}/api/v1/sessions`, { headers: { authorization: `Bearer ${token}` } });
    const { sessions } = (await (await list()).json()) as { sessions: { title: string }[] };
    expect(sessions.map(({ title }) => title)).to.deep.equal(['Moon talk']);
    await rita.reload();
    await sees(rita, 'last used about');
    await press(rita, 'Revoke Calendar');
    await sees(rita, 'No program has access.');
    expect((await list()).status).to.equal(401);
  });

  it('and a webhook, sees its test arrive, and sends it once more', async () => {
    await press(rita, 'New webhook');
    await fill(rita, 'Address', `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    await press(rita, 'Make the webhook');
    await sees(rita, 'Your program checks with it');
    expect(await secretIn('Signing secret')).to.match(/^whsec_/);
    await rita.click('a[href^="/organization/webhooks/"]');
    await sees(rita, 'Nothing was sent yet.');
    await press(rita, 'Send a test');
    if (arrived.length < 1) await once(arrivals, 'arrival');
    await sees(rita, 'Arrived');
    await press(rita, 'Send again: webhook.test');
    if (arrived.length < 2) await once(arrivals, 'arrival');
    expect(JSON.parse(arrived[0] ?? '')).to.include({ type: 'webhook.test' });
    expect(arrived[1]).to.equal(arrived[0]);
  });

  it('and is told when it is switched off because the program there is gone', async () => {
    isGone = true;
    await press(rita, 'Send a test');
    await sees(rita, 'It answered 410, Gone.');
    await rita.goto(scene.url);
    await sees(rita, 'was switched off: nothing arrived there any more');
    await press(rita, 'See why, and switch it on', 'link');
    await press(rita, 'Switch it on');
    await sees(rita, 'Given up');
    await rita.waitForFunction(() => !document.body.innerText.includes('Switched off'));
  });
});
