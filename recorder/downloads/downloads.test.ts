import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { createLog, Metrics } from '@cratersync/infra/runtime';
import { errors, type MarkerId, type RenderId, type StemId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { sealWhole } from '../format/index.ts';
import { projectNames } from '../projects/index.ts';
import { identity, participant, syncFixture, uuid } from '../stems/fixtures/recording.ts';
import type { ExtraRow, StemRow } from '../stems/index.ts';
import { type DownloadsContext, downloads } from './index.ts';

const secret = 'a secret that only our own nodes know';
const sessionKey = randomBytes(32);
const media = {
  wav: randomBytes(200_001),
  flac: randomBytes(100),
  webm: randomBytes(70_000),
  sync: Buffer.from(JSON.stringify(syncFixture({ source: 'mic', channels: 1 }))),
};

const fileOf = (format: keyof typeof media) => ({
  format,
  objectKey: `stems/${format}-render.${format}`,
  bytes: media[format].length,
});
const stem = (
  number: number,
  name: string,
  formats: (keyof typeof media)[],
  state: StemRow['state'] = 'ready',
): StemRow => ({
  stemId: uuid(number) as StemId,
  participantId: participant(1),
  participantName: 'Alice',
  source: 'mic',
  note: null,
  name,
  state,
  files: formats.map(fileOf),
});

const extra = (number: number, format: ExtraRow['format'], stored: keyof typeof media | null): ExtraRow => ({
  renderId: uuid(600 + number) as RenderId,
  recordingId: identity.recordingId,
  stemId: uuid(1) as StemId,
  format,
  state: 'rendering',
  progress: 0.5,
  note: null,
  objectKey: stored === null ? null : fileOf(stored).objectKey,
  bytes: stored === null ? null : media[stored].length,
});

describe('downloads', () => {
  const said = new PassThrough();
  const objects = new Map<string, Buffer>();
  let erased = false;
  let server: Server;
  let base = '';
  const recordingPath = `/organizations/${identity.organizationId}/recordings/${identity.recordingId}`;
  const wavPath = `${recordingPath}/stems/${uuid(1)}/wav`;
  const authorized = { Authorization: `Bearer ${secret}` };
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(base + path, { method, headers: { ...authorized, ...headers } });
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
  const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

  before(async () => {
    const header = { ...identity, keyId: identity.recordingId, epoch: 0, sequence: 0, startUs: 0 };
    for (const format of ['wav', 'flac', 'webm', 'sync'] as const) {
      const fields = {
        ...header,
        purpose: 'stem',
        trackId: uuid(1),
        previousHash: new Uint8Array(32),
      } as const;
      objects.set(fileOf(format).objectKey, sealWhole(sessionKey, fields, media[format]));
    }
    const context: DownloadsContext = {
      find: async (organizationId, recordingId) => {
        if (organizationId !== identity.organizationId || recordingId !== identity.recordingId) return null;
        const extras = [extra(1, 'opus', 'flac'), extra(2, 'mp3', null)];
        const stems = [
          stem(1, '01-alice-mic', ['wav', 'flac', 'sync']),
          stem(2, '01-alice-camera', ['webm']),
          stem(3, '02-bob-mic', [], 'failed'),
        ];
        return {
          ...identity,
          title: 'Talk',
          startedAt: new Date('2026-01-01T00:00:00Z'),
          durationMs: 4000,
          stems,
          extras,
          markers: [{ markerId: uuid(700) as MarkerId, atMs: 1500, name: 'Good line', madeBy: 'Alice' }],
        };
      },
      findExport: async () => null,
      checkHealth: async () => undefined,
      store: {
        get: async (key, range) => {
          const bytes = objects.get(key);
          if (bytes === undefined) throw new Error(`${key} is missing`);
          return Readable.from([bytes.subarray(range?.start ?? 0, (range?.end ?? bytes.length) + 1)]);
        },
      },
      keys: {
        sessionKey: async () => {
          if (erased) throw errors.erased();
          return sessionKey;
        },
      },
      nodeSecrets: [secret],
      log: createLog('test', 'info', said),
      metrics: new Metrics(),
    };
    server = createServer(downloads(context)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('give a whole file, under its name', async () => {
    const response = await get(wavPath);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('audio/wav');
    expect(response.headers.get('content-length')).to.equal('200001');
    expect(response.headers.get('accept-ranges')).to.equal('bytes');
    expect(response.headers.get('content-disposition')).to.equal('attachment; filename="01-alice-mic.wav"');
    expect((await bodyOf(response)).equals(media.wav)).to.equal(true);
  });

  it('are noted by what they are of, and whose request it was; never by the ids in their path', async () => {
    said.read();
    const requestId = uuid(77);
    const heard = once(said, 'readable');
    await bodyOf(await get(wavPath, { 'X-Request-Id': requestId }));
    await heard;
    const [line = ''] = String(said.read()).split('\n');
    expect(JSON.parse(line)).to.include({
      route: '/stems/:stemId/:format',
      method: 'GET',
      status: 200,
      requestId,
    });
    expect(line).to.not.contain(identity.recordingId).and.not.contain(uuid(1));
  });

  it('give a part of it, so that a broken download can go on', async () => {
    const part = await get(wavPath, { Range: 'bytes=65530-131080' });
    expect(part.status).to.equal(206);
    expect(part.headers.get('content-range')).to.equal('bytes 65530-131080/200001');
    expect((await bodyOf(part)).equals(media.wav.subarray(65_530, 131_081))).to.equal(true);
    const beyond = await get(wavPath, { Range: 'bytes=200001-' });
    expect(beyond.status).to.equal(416);
    expect(beyond.headers.get('content-range')).to.equal('bytes */200001');
  });

  it('give all of it when the part that is there is of another rendering', async () => {
    const { headers } = await get(wavPath, {}, 'HEAD');
    const same = await get(wavPath, { Range: 'bytes=0-9', 'If-Range': headers.get('etag') ?? '' });
    expect(same.status).to.equal(206);
    const other = await get(wavPath, { Range: 'bytes=0-9', 'If-Range': '"other"' });
    expect(other.status).to.equal(200);
    await Promise.all([same.body?.cancel(), other.body?.cancel()]);
  });

  it('tell about a file without sending it', async () => {
    const response = await get(wavPath, {}, 'HEAD');
    expect([response.status, response.headers.get('content-length')]).to.deep.equal([200, '200001']);
    expect(await bodyOf(response)).to.have.length(0);
  });

  it('give all ready stems as a zip that says how long it is', async () => {
    const response = await get(`${recordingPath}/stems.zip`);
    const zip = await bodyOf(response);
    expect(response.headers.get('content-type')).to.equal('application/zip');
    expect(Number(response.headers.get('content-length'))).to.equal(zip.length);
    const directory = await mkdtemp(join(tmpdir(), 'cratersync-zip-'));
    try {
      await writeFile(join(directory, 'stems.zip'), zip);
      const unzip =
        'import zipfile, sys; z = zipfile.ZipFile("stems.zip"); assert z.testzip() is None; z.extractall(); print("\\n".join(z.namelist()))';
      const { stdout } = spawnSync('python3', ['-c', unzip], { cwd: directory, encoding: 'utf8' });
      const [first, second, ...projects] = stdout.trim().split('\n');
      expect([first, second]).to.deep.equal(['01-alice-mic.wav', '01-alice-camera.webm']);
      expect(projects.sort()).to.deep.equal(Object.values(projectNames).sort());
      const sync = JSON.parse(await readFile(join(directory, 'sync.json'), 'utf8'));
      expect(sync.stems[0]).to.include({
        name: '01-alice-mic',
        state: 'ready',
        residualMs: 0.4,
        skewPpm: 12.5,
      });
      expect(sync.stems[2]).to.include({ name: '02-bob-mic', state: 'failed' });
      expect((await readFile(join(directory, '01-alice-mic.wav'))).equals(media.wav)).to.equal(true);
      expect((await readFile(join(directory, '01-alice-camera.webm'))).equals(media.webm)).to.equal(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('give what was ordered, as soon as it was once whole, and part by part', async () => {
    const response = await get(`${recordingPath}/renders/${uuid(601)}`, { Range: 'bytes=10-19' });
    expect(response.status).to.equal(206);
    expect(response.headers.get('content-type')).to.equal('audio/ogg');
    expect(response.headers.get('content-disposition')).to.equal('attachment; filename="01-alice-mic.ogg"');
    expect((await bodyOf(response)).equals(media.flac.subarray(10, 20))).to.equal(true);
  });

  it('give projects one by one', async () => {
    const response = await get(`${recordingPath}/projects/otio`);
    expect(response.headers.get('content-disposition')).to.equal('attachment; filename="recording.otio"');
    const timeline = JSON.parse((await bodyOf(response)).toString());
    expect(timeline).to.include({ OTIO_SCHEMA: 'Timeline.1', name: 'Talk' });
    const head = await get(`${recordingPath}/projects/otio`, {}, 'HEAD');
    expect(Number(head.headers.get('content-length'))).to.be.above(100);
  });

  it('are refused without the secret of our nodes', async () => {
    for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: `Bearer ${secret}x` }]) {
      const response = await fetch(base + wavPath, { headers });
      expect(response.status).to.equal(401);
      await response.body?.cancel();
    }
  });

  it('do not exist for another organization, an unready stem, a format that was not made, or anything else', async () => {
    const paths = [
      wavPath.replace(identity.organizationId, uuid(999)),
      `${recordingPath}/stems/${uuid(3)}/wav`,
      `${recordingPath}/stems/${uuid(1)}/mp4`,
      `${recordingPath}/stems/nonsense/wav`,
      `${recordingPath}/renders/${uuid(602)}`,
      `${recordingPath}/renders/${uuid(603)}`,
      `${recordingPath}/projects/exe`,
      '/organizations/nonsense/recordings/nonsense/stems.zip',
      '/../etc/passwd',
    ];
    for (const path of paths) {
      const response = await get(path);
      expect([path, response.status, await codeOf(response)]).to.deep.equal([path, 404, 'not_found']);
    }
    expect((await get(wavPath, {}, 'POST')).status).to.equal(404);
  });

  it('say that a recording was erased', async () => {
    erased = true;
    const response = await get(wavPath);
    erased = false;
    expect([response.status, await codeOf(response)]).to.deep.equal([410, 'erased']);
  });

  it('break off where the stored file is damaged, so that nobody takes it for whole', async () => {
    const { objectKey } = fileOf('wav');
    const whole = objects.get(objectKey) ?? Buffer.alloc(0);
    const damaged = Buffer.from(whole);
    damaged[150_000] = (damaged[150_000] ?? 0) ^ 1;
    objects.set(objectKey, damaged);
    for (const path of [wavPath, `${recordingPath}/stems.zip`]) {
      const outcome = await get(path)
        .then(bodyOf)
        .then(
          () => 'whole',
          () => 'broken',
        );
      expect(outcome, path).to.equal('broken');
    }
    objects.set(objectKey, whole);
  });

  it('tell that the worker is well', async () => {
    const response = await fetch(`${base}/healthz`);
    expect([response.status, await response.json()]).to.deep.equal([200, { ok: true }]);
  });
});
