import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { deletions, inOrganization } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import type { rest } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { absentId } from './fixtures/routes-of.ts';
import { useTestApp } from './fixtures/test-app.ts';

type Links = Pick<rest.RecordingDetail, 'renders' | 'projects' | 'stems'>;

describe('a link to a recording', () => {
  const test = useTestApp({ worker: (request, response) => worker(request, response) });
  let rita: Browser;
  let tenant: Tenant;
  let worker: (request: IncomingMessage, response: ServerResponse) => void;
  const givesAll: typeof worker = (_request, response) =>
    response.writeHead(200, { 'content-type': 'audio/wav' }).end('RIFF');
  before(async () => {
    tenant = await createTenant(test.db);
    rita = await test.memberOf(tenant, 'rita@example.org');
  });
  beforeEach(() => {
    worker = givesAll;
  });

  const shares = () => `/api/v1/recordings/${tenant.recordingId}/shares`;
  const make = async (body: object = {}) => {
    const made = (await rita.post(shares(), { name: 'Björn, editor', ...body })).body;
    return { ...made, token: new URL(made.url).hash.slice(1) };
  };
  const open = (token: string, again = false) => test.browser().post('/api/v1/shared', { token, again });
  const listed = async (shareId: string) =>
    (await rita.get(shares())).body.shares.find((each: rest.Share) => each.shareId === shareId);
  const get = (url: string) => test.browser().get(url);
  const urlsOf = ({ stems, renders, projects }: Links) =>
    [
      ...stems.flatMap(stem => [stem.previewUrl, ...stem.files.map(({ url }) => url)]),
      ...renders.map(r => r.url),
    ]
      .concat(projects.map(({ url }) => url))
      .filter(url => url !== null);
  const ended = { status: 404, code: 'share_ended' };
  const answerOf = ({ status, body }: { status: number; body: { code: string } }) => ({
    status,
    code: body.code,
  });

  it('opens the recording to whoever has it, without an account, and gives out each of its files', async () => {
    const { token, shareId, url } = await make({ contents: 'all' });
    expect(new URL(url).pathname).to.equal('/shared');
    const { status, body } = await open(token);
    expect(status).to.equal(200);
    expect(body).to.include({ organizationName: 'Moon Radio', contents: 'all' });
    expect(body.recording).to.include({ recordingId: tenant.recordingId, sessionTitle: 'Episode 1' });
    expect(body.recording).not.to.have.property('sessionId');
    expect(body.recording.markers.map(({ name }: rest.Marker) => name)).to.deep.equal(['Good line']);
    const urls = urlsOf(body.recording);
    expect(urls).to.have.lengthOf(11);
    for (const each of urls) {
      expect(each).not.to.contain(token);
      const answer = await get(each);
      expect([answer.status, answer.body], each).to.deep.equal([200, 'RIFF']);
      expect(answer.headers.get('x-robots-tag')).to.equal('noindex');
    }
    expect(await listed(shareId)).to.include({ name: 'Björn, editor', contents: 'all', createdBy: 'Rita' });
  });

  it('is for the stems alone, if it was made so: nothing that was ordered is had by it', async () => {
    const { token } = await make();
    const { recording, contents } = (await open(token)).body;
    expect([contents, recording.renders]).to.deep.equal(['stems', []]);
    expect(recording.projects).to.have.lengthOf(8);
    const other = (await open((await make({ contents: 'all' })).token)).body.recording.renders[0].url;
    const key = (url: string) => /shared\/([\w-]+)\//.exec(url)?.[1] ?? '';
    const path = new URL(other, test.origin).pathname.replace(key(other), key(urlsOf(recording)[0] ?? ''));
    expect((await get(test.links.link(tenant.organizationId, path))).status).to.equal(404);
  });

  it('works for as long as it was made for: a week, if nothing else was said', async () => {
    for (const [body, days] of [
      [{}, 7],
      [{ expiresInDays: 1 }, 1],
      [{ expiresInDays: 30 }, 30],
    ] as const) {
      const { createdAt, expiresAt } = await make(body);
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).to.equal(days * 86_400_000);
    }
    for (const wrong of [{ expiresInDays: 8 }, { name: ' ' }, { name: 'x'.repeat(61) }, { contents: 'mix' }])
      expect((await rita.post(shares(), { name: 'Björn', ...wrong })).status).to.equal(400);
  });

  it('tells how often it was opened; a page that stays open opens it once', async () => {
    const { token, shareId } = await make();
    expect(await listed(shareId)).to.include({ openings: 0, lastOpenedAt: null });
    await open(token);
    await open(token, true);
    await open(token);
    const { openings, lastOpenedAt } = await listed(shareId);
    expect(openings).to.equal(2);
    expect(Date.now() - Date.parse(lastOpenedAt)).to.be.within(-1000, 60_000);
  });

  it('opens nothing once it was ended or has expired, and neither do its files', async () => {
    const ends: Record<string, (shareId: string) => Promise<unknown>> = {
      ended: shareId => rita.delete(`${shares()}/${shareId}`),
      expired: shareId =>
        test.db.owner.query('UPDATE app.shares SET expires_at = now() WHERE share_id = $1', [shareId]),
    };
    for (const [how, end] of Object.entries(ends)) {
      const { token, shareId } = await make({ contents: 'all' });
      const urls = urlsOf((await open(token)).body.recording);
      await end(shareId);
      expect(answerOf(await open(token)), how).to.deep.equal(ended);
      for (const url of urls) expect(answerOf(await get(url)), `${how}: ${url}`).to.deep.equal(ended);
      expect(await listed(shareId), how).to.equal(undefined);
    }
  });

  it('breaks off what is being downloaded by it when it is ended', async function () {
    this.timeout(20_000);
    const { token, shareId } = await make();
    const [url = ''] = urlsOf((await open(token)).body.recording);
    worker = (_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' });
      response.write('first');
    };
    const download = httpRequest(test.origin + url);
    download.end();
    const [answer] = (await once(download, 'response')) as [IncomingMessage];
    await once(answer, 'data');
    expect((await rita.delete(`${shares()}/${shareId}`)).status).to.equal(204);
    const [error] = await once(answer, 'error');
    expect(error.code).to.equal('ECONNRESET');
  });

  it('shows nothing of a recording that was deleted, until it is brought back', async () => {
    const { token } = await make();
    const urls = urlsOf((await open(token)).body.recording);
    const { organizationId, recordingId, accountId } = tenant;
    await inOrganization(test.db.app, organizationId, tx =>
      deletions.request(tx, recordingId, { requestedBy: accountId, graceMs: 86_400_000 }),
    );
    expect(answerOf(await open(token))).to.deep.equal(ended);
    for (const url of urls) expect(answerOf(await get(url))).to.deep.equal(ended);
    expect((await rita.post(shares(), { name: 'Björn' })).status).to.equal(404);
    await inOrganization(test.db.app, organizationId, tx => deletions.undo(tx, recordingId));
    expect((await open(token)).status).to.equal(200);
  });

  it('is in the database as a hash only', async () => {
    const { token, shareId } = await make();
    const { rows } = await test.db.owner.query('SELECT * FROM app.shares WHERE share_id = $1', [shareId]);
    expect(rows[0].token_hash).to.deep.equal(createHash('sha256').update(token).digest());
    expect(JSON.stringify(rows)).not.to.contain(token);
  });

  it('gives out no file by an address that was changed, is unsigned, or is another link’s', async () => {
    const { token } = await make();
    const [url = ''] = urlsOf((await open(token)).body.recording);
    const refused = { status: 403, code: 'download_link_ended' };
    expect(answerOf(await get(url.split('?')[0] ?? ''))).to.deep.equal(refused);
    expect(answerOf(await get(url.replace(tenant.stemId, absentId)))).to.deep.equal(refused);
    // What lets a member download lets nobody download by a link, nor the other way round.
    const members = test.links.link(
      tenant.organizationId,
      `/api/v1/recordings/${tenant.recordingId}/stems/${tenant.stemId}/wav`,
    );
    const query = new URL(members, test.origin).search;
    expect(answerOf(await get(`${url.split('?')[0]}${query}`))).to.deep.equal(refused);
    expect((await get(members)).status).to.equal(401);
    for (const wrong of ['A'.repeat(22), 'short', '', token.toLowerCase()])
      expect(answerOf(await open(wrong)), wrong).to.deep.equal(ended);
    expect(answerOf(await get(url.replace(/shared\/[\w-]+/, 'shared/x')))).to.deep.equal(ended);
  });

  it('is in the audit log: made, opened, downloaded by, ended; by whom, and whom it was for', async () => {
    const { token, shareId } = await make({ name: 'Ana', expiresInDays: 1 });
    const { recording } = (await open(token)).body;
    await get(recording.stems[0].files[0].url);
    await rita.delete(`${shares()}/${shareId}`);
    await test.db.owner.query(`UPDATE app.memberships SET role = 'admin' WHERE organization_id = $1`, [
      tenant.organizationId,
    ]);
    const { entries } = (await rita.get('/api/v1/organization/audit')).body;
    const told = entries
      .filter((each: rest.AuditEntry) => each.targetId === shareId)
      .map(({ action, actorName, targetName, details }: rest.AuditEntry) => ({
        ...{ action, actorName, targetName, details },
      }));
    expect(told).to.deep.equal([
      { action: 'share.ended', actorName: 'Rita', targetName: 'Ana', details: {} },
      {
        action: 'share.downloaded',
        actorName: null,
        targetName: 'Ana',
        details: { what: `stems/${tenant.stemId}/wav` },
      },
      { action: 'share.opened', actorName: null, targetName: 'Ana', details: {} },
      {
        action: 'share.created',
        actorName: 'Rita',
        targetName: 'Ana',
        details: { contents: 'stems', expiresInDays: 1 },
      },
    ]);
  });

  it('is not opened more often than somebody could, and says when to try again', async () => {
    const { token, shareId } = await make();
    const answers = await Promise.all(Array.from({ length: 40 }, () => open(token)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).to.have.lengthOf(10);
    expect(Number(refused[0]?.headers.get('retry-after'))).to.be.within(1, 10);
    expect((await listed(shareId)).openings).to.equal(30);
    expect((await open(token, true)).status, 'the page that is open goes on').to.equal(200);
  });

  it('leads to a page that no search engine keeps, and that tells no other site where it was', async () => {
    const { headers, status } = await get('/shared');
    expect(status).to.equal(200);
    expect(headers.get('x-robots-tag')).to.equal('noindex');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
    expect((await get('/')).headers.get('x-robots-tag')).to.equal(null);
  });
});
