import { PassThrough } from 'node:stream';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { useTestApp } from './fixtures/test-app.ts';

interface Line {
  msg: string;
  route: string;
  method: string;
  status: number;
  ms: number;
  requestId: string;
}

describe('the log of requests', () => {
  const to = new PassThrough();
  const lines: Line[] = [];
  let heard: () => void = () => {};
  to.on('data', (data: Buffer) => {
    for (const line of data.toString().trim().split('\n')) lines.push(JSON.parse(line));
    heard();
  });
  const test = useTestApp({ log: createLog('test', 'info', to) });

  /** The line of a request, once its answer has gone out. */
  async function lineOf(requestId: string): Promise<Line> {
    for (;;) {
      const found = lines.find(line => line.requestId === requestId);
      if (found !== undefined) return found;
      await new Promise<void>(resolve => {
        heard = resolve;
      });
    }
  }

  async function ask(method: string, path: string, headers: Record<string, string> = {}) {
    const response = await fetch(test.origin + path, { method, headers });
    await response.text();
    const { requestId: _, ms, ...line } = await lineOf(response.headers.get('x-request-id') ?? '');
    expect(ms).to.be.within(0, 10_000);
    return line;
  }

  it('has the pattern of the route, never the path', async () => {
    const rita = await test.host('rita@example.org');
    const { sessionId } = (await rita.post('/api/v1/sessions', { title: 'Moon talk' })).body;
    const answer = await rita.get(`/api/v1/sessions/${sessionId}`);
    const line = await lineOf(answer.headers.get('x-request-id') ?? '');
    expect(line).to.include({
      route: '/api/v1/sessions/:sessionId',
      method: 'GET',
      status: 200,
      msg: 'request',
    });
    expect(JSON.stringify(lines)).to.not.match(new RegExp(`${sessionId}|rita@|Moon`));
  });

  it('has it too for what was refused on the way, and names nothing that is no route', async () => {
    const token = { authorization: 'Bearer cs_nobody' };
    expect(await ask('GET', '/api/v1/sessions/some-secret', token)).to.include({
      route: '/api/v1/sessions/:sessionId',
      status: 401,
    });
    expect(await ask('GET', '/api/v1/a-secret')).to.include({ route: 'none', status: 404 });
    expect(await ask('GET', '/a-secret')).to.include({ route: '/{*path}', status: 200 });
    expect(await ask('GET', '/assets/app-abc123.js')).to.include({ route: '/assets', status: 200 });
    expect(await ask('TRACE', '/api/v1/me').catch(() => ask('LOCK', '/api/v1/me'))).to.include({
      method: 'other',
    });
  });

  it('takes over the id that a proxy gave, and no other', async () => {
    const given = '0123456789abcdef0123456789ABCDEF';
    const id = async (header: string) =>
      (await fetch(`${test.origin}/healthz`, { headers: { 'x-request-id': header } })).headers.get(
        'x-request-id',
      );
    expect(await id(given)).to.equal(given);
    for (const strange of ['rita@example.org', 'x'.repeat(32), `${given}0`, ''])
      expect(await id(strange)).to.match(/^[0-9a-f-]{36}$/);
  });

  it('counts the same by route, method and status', async () => {
    await ask('GET', '/api/v1/me');
    const text = await test.metrics.registry.metrics();
    expect(text).to.match(
      /cratersync_http_requests_total\{route="\/api\/v1\/me",method="GET",status="401"\} \d/,
    );
    expect(text).to.contain('cratersync_http_request_seconds_bucket{le="10",route="/api/v1/me"}');
  });
});
