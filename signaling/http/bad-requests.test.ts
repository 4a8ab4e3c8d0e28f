import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { problem } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { startTestApp, useTestApp } from './fixtures/test-app.ts';

describe('what bad requests get', () => {
  const test = useTestApp();
  let rita: Browser;
  before(async () => {
    rita = await test.host('rita@example.org');
  });

  it('413 for a body of 1 MB', async () => {
    const { status, body } = await rita.post('/api/v1/sessions', { title: 'x'.repeat(1_000_000) });
    expect({ status, code: body.code }).to.deep.equal({ status: 413, code: 'too_large' });
  });

  it('400, and what is wrong, for what is not JSON, not sent as JSON, or of the wrong shape', async () => {
    const path = '/api/v1/sessions';
    const answers = [
      [await rita.send('POST', path, '{"title": '), /not valid JSON/],
      [await rita.send('POST', path, 'title=x', { 'content-type': 'text/plain' }), /Content-Type/],
      [await rita.send('POST', path), /./],
      [await rita.post(path, { title: ' ' }), /title: a title is needed/],
      [await rita.post(path, { title: 'x', owner: 'me' }), /owner/],
      [await rita.post(path, []), /./],
      [
        await rita.post('/api/v1/sign-in/codes', { email: 'not an address' }),
        /email: that is not a mail address/,
      ],
      [await rita.post('/api/v1/sign-in', { email: 'a@example.org', code: '12345' }), /six digits/],
    ] as const;
    for (const [{ status, body }, message] of answers) {
      expect({ status, code: body.code }).to.deep.equal({ status: 400, code: 'bad_request' });
      expect(body.detail).to.match(message);
      expect(problem.parse(body)).to.deep.equal(body);
    }
  });

  it('404 for an API that does not exist, and for a path that cannot be decoded 400', async () => {
    expect((await rita.get('/api/v1/nothing')).body).to.include({ code: 'not_found' });
    expect((await rita.get('/api/v1/sessions/%E0%A4%A')).status).to.equal(400);
    expect((await rita.post('/nothing')).body).to.include({ code: 'not_found' });
  });

  it('numbers every request and asks browsers for care', async () => {
    const first = await rita.get('/api/v1/me');
    const second = await rita.get('/api/v1/me');
    const [a, b] = [first, second].map(answer => answer.headers.get('x-request-id'));
    expect(a)
      .to.match(/^[0-9a-f-]{36}$/)
      .and.not.equal(b);
    const policy = first.headers.get('content-security-policy') ?? '';
    expect(policy).to.contain("script-src 'self';").and.to.contain("frame-ancestors 'none'");
    expect(policy).not.to.match(/unsafe|\*/);
    expect(first.headers.get('x-powered-by')).to.equal(null);
    expect(first.headers.get('cache-control')).to.equal('no-store');
  });

  it('serves the client: its page for every address, hashed files for ever', async () => {
    const browser = test.browser();
    for (const path of ['/', '/join', '/sessions/123']) {
      const page = await browser.get(path);
      expect(page.status, path).to.equal(200);
      expect(page.body).to.contain('<title>CraterSync</title>');
      expect(page.headers.get('cache-control')).to.equal('no-store');
    }
    expect((await browser.get('/index.html')).headers.get('location')).to.equal('/');
    const asset = await browser.get('/assets/app-abc123.js', { 'accept-encoding': 'gzip, br' });
    expect(asset.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-encoding')).to.equal('br');
    const plain = await browser.get('/assets/app-abc123.js', { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).to.equal(null);
    for (const { headers, body } of [asset, plain]) {
      expect(body).to.equal('void 0;');
      expect(headers.get('content-type')).to.match(/javascript/);
      expect(headers.get('vary')).to.equal('Accept-Encoding');
    }
    const missing = await browser.get('/assets/gone.js');
    expect(missing).to.include({ status: 404 });
    expect(missing.body).to.include({ code: 'not_found' });
    expect(missing.headers.get('cache-control') ?? '').not.to.contain('immutable');
  });

  it('says which process is not ready', async () => {
    expect((await test.browser().get('/healthz')).status).to.equal(200);
    test.health.processes['recorder'] = { ready: false, reason: 'no recorder has dialled in' };
    test.health.ok = false;
    const { status, body } = await test.browser().get('/healthz');
    expect(status).to.equal(503);
    expect(body).to.deep.equal(test.health);
  });

  it('says that there is no page while the client has not been built', async () => {
    await rm(test.clientDir, { recursive: true });
    const { status, body } = await test.browser().get('/');
    expect([status, body.code]).to.deep.equal([404, 'not_found']);
    expect((await rita.get('/api/v1/me')).status).to.equal(200);
  });

  it('has no inbox unless it is the embedded stack', async () => {
    for (const path of ['/dev/inbox', '/dev/inbox/messages'])
      expect((await test.browser().get(path)).status, path).to.equal(404);
  });
});

describe('the inbox of the embedded stack', () => {
  const test = useTestApp();

  it('is shown as it shows itself, and said to be away when it is', async () => {
    const inbox = createServer((request, response) => {
      const isPage = request.url === '/';
      response.setHeader('content-type', isPage ? 'text/html; charset=utf-8' : 'application/json');
      response.end(isPage ? '<h1>Inbox</h1>' : '[{"code":"123456"}]');
    }).listen(0, '127.0.0.1');
    await once(inbox, 'listening');
    const devInboxUrl = `http://127.0.0.1:${(inbox.address() as AddressInfo).port}`;
    const own = await startTestApp(test.db, { devInboxUrl });
    const page = await own.browser().get('/dev/inbox');
    expect(page.body).to.equal('<h1>Inbox</h1>');
    expect(page.headers.get('content-type')).to.contain('text/html');
    expect((await own.browser().get('/dev/inbox/messages')).body).to.deep.equal([{ code: '123456' }]);
    inbox.close();
    inbox.closeAllConnections();
    const away = await own.browser().get('/dev/inbox');
    expect([away.status, away.body.code]).to.deep.equal([503, 'unavailable']);
    await own.close();
  });
});
