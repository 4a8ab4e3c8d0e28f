import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { inOrganization, renders, stems } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import { DownloadLinks } from './download-links.ts';
import type { Browser } from './fixtures/browser.ts';
import { sealingKey, useTestApp, workerSecret } from './fixtures/test-app.ts';

describe('recordings and downloads', () => {
  const test = useTestApp({ worker: (request, response) => worker(request, response) });
  let rita: Browser;
  let tenant: Tenant;
  let worker: (request: IncomingMessage, response: ServerResponse) => void;
  before(async () => {
    tenant = await createTenant(test.db);
    rita = await test.memberOf(tenant, 'rita@example.org');
  });

  const path = () => `/api/v1/recordings/${tenant.recordingId}`;
  const linkTo = (tail: string) => test.links.link(tenant.organizationId, `${path()}/${tail}`);
  const filePath = () => linkTo(`stems/${tenant.stemId}/wav`);

  it('shows each stem on its way, and the zip when all are done', async () => {
    const before = (await rita.get(path())).body;
    expect(before).to.include({
      sessionTitle: 'Episode 1',
      state: 'complete',
      durationMs: 1235,
      reason: null,
      zipUrl: null,
    });
    const names = ['01-zoe-muller-mic', '01-zoe-muller-camera'];
    expect(before.stems.map((stem: { name: string }) => stem.name)).to.deep.equal(names);
    expect(before.stems[0]).to.deep.include({
      participantName: 'Zoë Müller',
      source: 'mic',
      state: 'waiting',
      files: [{ format: 'wav', name: '01-zoe-muller-mic.wav', bytes: 44, url: filePath() }],
    });
    await inOrganization(test.db.worker, tenant.organizationId, async tx => {
      for (const { stemId } of await stems.ofRecording(tx, tenant.recordingId)) {
        await stems.advance(tx, stemId, 'rendering');
        await stems.setProgress(tx, stemId, 0.5);
      }
    });
    expect((await rita.get(path())).body.stems[0]).to.include({ state: 'rendering', progress: 0.5 });
    await inOrganization(test.db.worker, tenant.organizationId, async tx => {
      const [first, second] = await stems.ofRecording(tx, tenant.recordingId);
      if (first === undefined || second === undefined) throw new Error('two stems were expected');
      await stems.advance(tx, first.stemId, 'ready', { note: 'a second is missing' });
      await stems.advance(tx, second.stemId, 'failed', { note: 'no keyframe' });
    });
    const after = (await rita.get(path())).body;
    expect(after.stems[0]).to.include({ state: 'ready', progress: 1, note: 'a second is missing' });
    expect(after.stems[1]).to.include({ state: 'failed', note: 'no keyframe' });
    expect(after.zipUrl).to.equal(linkTo('stems.zip'));
    const session = (await rita.get(`/api/v1/sessions/${tenant.sessionId}`)).body;
    expect(session.recordings).to.have.lengthOf(1);
    expect(session.recordings[0]).to.include({ recordingId: tenant.recordingId, state: 'complete' });
  });

  it('passes a download through, for its own organization only, part by part', async () => {
    const seen: IncomingMessage[] = [];
    worker = (request, response) => {
      seen.push(request);
      response.writeHead(206, {
        'content-type': 'audio/wav',
        'content-length': 4,
        'content-range': 'bytes 0-3/44',
        'accept-ranges': 'bytes',
        'content-disposition': 'attachment; filename="01-zoe-muller-mic.wav"',
        etag: '"r1"',
        'x-inner': 'stays inside',
      });
      response.end('RIFF');
    };
    const { status, body, headers } = await rita.get(filePath(), { range: 'bytes=0-3', 'if-range': '"r1"' });
    expect([status, body]).to.deep.equal([206, 'RIFF']);
    expect(headers.get('content-range')).to.equal('bytes 0-3/44');
    expect(headers.get('content-disposition')).to.contain('01-zoe-muller-mic.wav');
    expect(headers.get('etag')).to.equal('"r1"');
    expect(headers.get('x-inner')).to.equal(null);
    expect(seen[0]?.url).to.equal(
      `/organizations/${tenant.organizationId}/recordings/${tenant.recordingId}/stems/${tenant.stemId}/wav`,
    );
    expect(seen[0]?.headers).to.include({
      authorization: `Bearer ${workerSecret}`,
      range: 'bytes=0-3',
      'if-range': '"r1"',
    });
    expect(seen[0]?.headers).not.to.have.property('cookie');

    const head = await rita.send('HEAD', linkTo('stems.zip'));
    expect([head.status, head.body]).to.deep.equal([206, '']);
    expect(seen[1]).to.include({ method: 'HEAD' });
  });

  it('passes nothing through by a link that has ended, was changed, or is another’s', async () => {
    let asked = 0;
    worker = (_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'audio/wav' }).end('RIFF');
    };
    const refused = async (url: string, browser = rita) => {
      const { status, body } = await browser.get(url);
      expect([status, body.code], url).to.deep.equal([403, 'download_link_ended']);
    };
    const bare = `${path()}/stems/${tenant.stemId}/wav`;
    const made = (hoursAgo: number) =>
      new DownloadLinks(sealingKey, undefined, () => Date.now() - hoursAgo * 3_600_000).link(
        tenant.organizationId,
        bare,
      );
    expect((await rita.get(made(11))).status, 'after eleven hours').to.equal(200);
    expect((await rita.get(filePath())).status).to.equal(200);
    expect(asked).to.equal(2);
    await refused(made(25));
    await refused(bare);
    await refused(filePath().replace('/wav', '/flac'));
    await refused(filePath().replace(/until=\d+/, found => `until=${Number(found.slice(6)) + 1}`));
    await refused(filePath().replace(/until=\d+/, 'until=9e99'));
    await refused(filePath().slice(0, -1));
    // Handed on to somebody of another organization, who may sign in as much as they like.
    await refused(filePath(), await test.host('stranger@example.org'));
    expect((await test.browser().get(filePath())).status).to.equal(401);
    expect(asked).to.equal(2);
  });

  it('gives a program with a token its files by their plain addresses: the token ends', async () => {
    worker = (_request, response) => response.writeHead(200, { 'content-type': 'audio/wav' }).end('RIFF');
    await test.db.owner.query(`UPDATE app.memberships SET role = 'admin' WHERE organization_id = $1`, [
      tenant.organizationId,
    ]);
    const wanted = { name: 'Editor', scopes: ['recordings:read'], expiresInDays: 1 };
    const { token } = (await rita.post('/api/v1/organization/tokens', wanted)).body;
    const program = test.browser();
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await program.get(`${path()}/stems/${tenant.stemId}/wav`, headers);
    expect(status).to.equal(200);
  });

  it('streams: the first bytes arrive before the last are made', async () => {
    let finish = () => {};
    worker = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/zip' });
      response.write('first');
      finish = () => response.end('last');
    };
    const cookie = [...rita.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(test.origin + linkTo('stems.zip'), { headers: { cookie } });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).to.equal('first');
    finish();
    const last = await reader?.read();
    expect(Buffer.from(last?.value ?? []).toString()).to.equal('last');
  });

  it('tells the worker when the browser goes away', async () => {
    const arrived = new Promise<ServerResponse>(resolve => {
      worker = (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/zip' });
        response.write('first');
        resolve(response);
      };
    });
    const cookie = [...rita.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const download = httpRequest(test.origin + linkTo('stems.zip'), { headers: { cookie } });
    download.on('error', () => {});
    download.end();
    const [response] = await Promise.all([arrived, once(download, 'response')]);
    download.destroy();
    await once(response, 'close');
    expect(response.writableFinished).to.equal(false);
  });

  it('breaks the connection when the worker stops half-way, so that nobody takes a part for the whole', async () => {
    worker = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/zip' });
      response.write('first', () => response.destroy());
    };
    const broken = await rita.get(linkTo('stems.zip')).then(
      () => 'came whole',
      () => 'broke off',
    );
    expect(broken).to.equal('broke off');
  });

  it('says what is the matter when there is no file, it was erased, or the worker is unwell', async () => {
    const expected = { 404: [404, 'not_found'], 410: [410, 'erased'], 500: [503, 'unavailable'] };
    for (const [status, answer] of Object.entries(expected)) {
      worker = (_request, response) => response.writeHead(Number(status)).end('inner words');
      const { status: got, body } = await rita.get(filePath());
      expect([got, body.code]).to.deep.equal(answer);
    }
    worker = request => request.socket.destroy();
    const { status, body } = await rita.get(filePath());
    expect(status).to.equal(503);
    expect(body.detail).to.contain('recorder worker');
  });

  it('knows four formats', async () => {
    expect((await rita.get(linkTo(`stems/${tenant.stemId}/exe`))).status).to.equal(404);
  });
});

describe('ordering files', () => {
  const test = useTestApp();
  let rita: Browser;
  let stranger: Browser;
  let tenant: Tenant;
  let cameraId: string;
  before(async () => {
    tenant = await createTenant(test.db);
    rita = await test.memberOf(tenant, 'rita@example.org');
    stranger = await test.host('eve@example.org');
    const rows = await inOrganization(test.db.worker, tenant.organizationId, tx =>
      stems.ofRecording(tx, tenant.recordingId),
    );
    cameraId = rows.find(({ source }) => source === 'camera')?.stemId ?? '';
  });

  const path = () => `/api/v1/recordings/${tenant.recordingId}`;
  const linkTo = (tail: string) => test.links.link(tenant.organizationId, `${path()}/${tail}`);
  const jobs = async (identifier: string) => {
    const { rows } = await test.db.owner.query(
      `SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
       WHERE t.identifier = $1 AND j.payload ->> 'recordingId' = $2`,
      [`${identifier}:ca`, tenant.recordingId],
    );
    return rows.map(({ payload }) => payload);
  };

  it('queues it once, shows how far it is, and takes it back', async () => {
    const order = { format: 'opus', stemId: tenant.stemId };
    const { status, body } = await rita.post(`${path()}/renders`, order);
    expect([status, body.state, body.url]).to.deep.equal([202, 'waiting', null]);
    const again = await rita.post(`${path()}/renders`, order);
    expect(again.body.renderId).to.equal(body.renderId);
    const { organizationId, recordingId } = tenant;
    expect(await jobs('render-extra')).to.deep.equal([
      { organizationId, recordingId, renderId: body.renderId },
    ]);
    await inOrganization(test.db.worker, organizationId, async tx => {
      await renders.advance(tx, body.renderId, 'rendering');
      expect(await renders.setProgress(tx, body.renderId, 0.25)).to.equal(true);
    });
    const shown = async () =>
      (await rita.get(path())).body.renders.find((each: { format: string }) => each.format === 'opus');
    expect(await shown()).to.include({ state: 'rendering', progress: 0.25 });
    expect((await rita.delete(`${path()}/renders/${body.renderId}`)).status).to.equal(204);
    expect(await shown()).to.include({ state: 'cancelled' });
    await inOrganization(test.db.worker, organizationId, async tx => {
      expect(await renders.setProgress(tx, body.renderId, 0.5), 'the worker is told').to.equal(false);
      const file = { objectKey: 'late', bytes: 1, note: null };
      expect(await renders.setReady(tx, body.renderId, file), 'and cannot finish it').to.equal(false);
    });
    expect((await rita.post(`${path()}/renders`, order)).body).to.include({ state: 'waiting', progress: 0 });
  });

  it('makes a file once more while the old one can still be had', async () => {
    const mp3 = { format: 'mp3', stemId: tenant.stemId };
    const { body } = await rita.post(`${path()}/renders`, mp3);
    expect(body).to.include({ state: 'waiting', bytes: 44, url: linkTo(`renders/${tenant.renderId}`) });
  });

  it('refuses at once what could only fail, and says why', async () => {
    const refused = async (body: unknown) => {
      const answer = await rita.post(`${path()}/renders`, body);
      return [answer.status, answer.body.detail];
    };
    expect(await refused({ format: 'mp3', stemId: cameraId })).to.deep.equal([
      400,
      'That request was not understood: format: mp3 cannot be made of 01-zoe-muller-camera',
    ]);
    expect(await refused({ format: 'cfr', stemId: cameraId })).to.deep.equal([
      409,
      '01-zoe-muller-camera is not ready yet.',
    ]);
    expect(await refused({ format: 'grid' })).to.deep.equal([
      409,
      'There are no pictures to be put together yet.',
    ]);
    expect((await refused({ format: 'mix', stemId: tenant.stemId }))[0]).to.equal(400);
    expect((await refused({ format: 'mp3' }))[0]).to.equal(400);
    expect((await refused({ format: 'exe' }))[0]).to.equal(400);
    expect((await refused({ format: 'mix' }))[0]).to.equal(202);
  });

  it('has failed stems made again, or all of them, with the old files there meanwhile', async () => {
    await inOrganization(test.db.worker, tenant.organizationId, async tx => {
      await stems.advance(tx, tenant.stemId, 'rendering');
      await stems.advance(tx, tenant.stemId, 'ready');
      for (const { stemId, source } of await stems.ofRecording(tx, tenant.recordingId))
        if (source === 'camera') await stems.advance(tx, stemId, 'failed', { note: 'the disk was full' });
    });
    const states = async () =>
      (await rita.get(path())).body.stems.map(({ state }: { state: string }) => state);
    expect(await states()).to.deep.equal(['ready', 'failed']);
    expect((await rita.post(`${path()}/stems`, {})).status).to.equal(202);
    expect(await states()).to.deep.equal(['ready', 'waiting']);
    await rita.post(`${path()}/stems`, { all: true });
    expect(await states()).to.deep.equal(['waiting', 'waiting']);
    const [first] = (await rita.get(path())).body.stems;
    expect(first.files.map(({ format }: { format: string }) => format)).to.deep.equal(['wav']);
    expect(await jobs('render-stems')).to.have.length(1);
  });

  it('is for members of the organization only', async () => {
    for (const browser of [stranger, test.browser()]) {
      const expected = browser === stranger ? 404 : 401;
      const answers = [
        await browser.post(`${path()}/renders`, { format: 'mix' }),
        await browser.post(`${path()}/stems`, { all: true }),
        await browser.delete(`${path()}/renders/${tenant.renderId}`),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => expected));
      for (const tail of [`renders/${tenant.renderId}`, 'projects/otio'])
        expect((await browser.get(linkTo(tail))).status).to.equal(browser === stranger ? 403 : 401);
    }
    expect(
      (await rita.delete(`${path()}/renders/00000000-0000-4000-8000-000000000000`)).status,
      'another render',
    ).to.equal(404);
  });
});
