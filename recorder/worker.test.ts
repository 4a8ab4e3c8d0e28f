import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deletions, enqueue, inOrganization, recordings, renders, stems } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { Signer } from '@cratersync/infra/runtime';
import { errors, recordingId as recordingIdOf } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { freePort } from '../test/support/free-port.ts';
import { openReceipt } from './erasure/index.ts';
import { startWorker } from './fixtures/worker-process.ts';
import { openKeys } from './keys/index.ts';
import { amplitudeOf, encodeOpus, fromPcm24, tone } from './stems/fixtures/media.ts';
import { journal, opusInfo, opusUnits } from './stems/fixtures/recording.ts';
import { storeRecording } from './stems/fixtures/stored-recording.ts';
import { WAV_HEADER_BYTES } from './stems/wav.ts';
import { openStore } from './store/index.ts';

const secret = 'a secret of thirty-two characters or more';
const seconds = 40;

describe('the worker', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let dataDir = '';
  let port = 0;
  let worker: ChildProcess | null = null;
  const steps: (string | undefined)[] = [];

  before(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'cratersync-worker-'));
    tenant = await createTenant(database);
    port = await freePort();
    // Tells of every step of a stem and of an order, so that nobody has to ask again and again.
    await database.owner.query(`
      CREATE FUNCTION app.tell_stem() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('stem', NEW.recording_id || ' ' || NEW.state); RETURN NULL; END $$;
      CREATE FUNCTION app.tell_render() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('stem', NEW.render_id || ' ' || NEW.state || ' ' || (NEW.progress > 0)); RETURN NULL; END $$;
      CREATE TRIGGER tell_stem AFTER UPDATE OF state ON app.stems FOR EACH ROW EXECUTE FUNCTION app.tell_stem();
      CREATE TRIGGER tell_render AFTER UPDATE ON app.renders FOR EACH ROW EXECUTE FUNCTION app.tell_render();
      LISTEN stem;`);
    database.owner.on('notification', ({ payload }) => steps.push(payload));
  });
  after(async () => {
    worker?.kill('SIGKILL');
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const also = database.workerUrl.includes('?') ? '&' : '?';
    worker = await startWorker({
      DATA_DIR: dataDir,
      DATABASE_URL: `${database.workerUrl}${also}application_name=pooled`,
      DATABASE_DIRECT_URL: `${database.workerUrl}${also}application_name=direct`,
      NODE_SECRET: secret,
      SEALING_KEY: secret,
      KEY_ROTATION_DAYS: '30',
      WORKER_PORT: String(port),
    });
  }

  /** Resolves when a stem of the recording has got to `state`. */
  async function stemIs(recordingId: string, state: string): Promise<void> {
    while (!steps.includes(`${recordingId} ${state}`)) await once(database.owner, 'notification');
  }

  /** A finished recording of the tenant's guest, queued for rendering. */
  async function record(): Promise<string> {
    const recordingId = recordingIdOf.parse(randomUUID());
    const { organizationId, sessionId, guestId } = tenant;
    const identity = { organizationId, sessionId, recordingId };
    const keys = await openKeys({ DATA_DIR: dataDir });
    const store = await openStore({ DATA_DIR: dataDir });
    const info = opusInfo(1);
    const records = journal(opusUnits(await encodeOpus(tone(440, seconds - 2))), info, { startS: 1 });
    const sessionKey = await keys.createSessionKey(identity, recordingId);
    const tracks = [{ person: 0, source: 'mic', info, records } as const];
    const manifest = await storeRecording(store, sessionKey, identity, [guestId], tracks, seconds * 1e6);
    await inOrganization(database.app, organizationId, async tx => {
      await recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() });
      await recordings.finalize(tx, {
        recordingId,
        durationMs: seconds * 1000,
        manifestKey: 'manifest',
        merkleRoot: manifest.merkleRoot,
        tracks: manifest.tracks,
      });
    });
    return recordingId;
  }
  const rows = (recordingId: string) =>
    inOrganization(database.app, tenant.organizationId, tx =>
      stems.ofRecording(tx, recordingIdOf.parse(recordingId)),
    );
  const download = (path: string, headers = {}) =>
    fetch(`http://127.0.0.1:${port}/organizations/${tenant.organizationId}/recordings/${path}`, {
      headers: { Authorization: `Bearer ${secret}`, ...headers },
    });

  it('says that a recording without a key was erased', async () => {
    await start();
    await stemIs(tenant.recordingId, 'failed');
    expect((await rows(tenant.recordingId))[0]?.note).to.equal(errors.erased().message);
  });

  it('erases what was deleted, and goes on where a worker was killed over it', async () => {
    const recordingId = recordingIdOf.parse(await record());
    await stemIs(recordingId, 'ready');
    await database.owner.query(`
      CREATE FUNCTION app.tell_deletion() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('stem', NEW.recording_id || ' erased ' || (NEW.finished_at IS NOT NULL)); RETURN NULL; END $$;
      CREATE TRIGGER tell_deletion AFTER UPDATE ON app.deletions FOR EACH ROW EXECUTE FUNCTION app.tell_deletion();`);
    await inOrganization(database.app, tenant.organizationId, async tx => {
      await deletions.request(tx, recordingId, { requestedBy: tenant.accountId, graceMs: 3_600_000 });
    });
    expect((await download(`${recordingId}/stems.zip`)).status).to.equal(404);
    // As a worker left it that was killed after it had begun.
    await database.owner.query(
      'UPDATE app.deletions SET started_at = now(), key_destroyed_at = now() WHERE recording_id = $1',
      [recordingId],
    );
    await inOrganization(database.app, tenant.organizationId, tx =>
      enqueue(tx, 'erase-recording', { recordingId }),
    );
    await stemIs(recordingId, 'erased true');
    const store = await openStore({ DATA_DIR: dataDir });
    expect(await Array.fromAsync(store.list(`recordings/${recordingId}/`))).to.deep.equal([]);
    await store.close();
    expect(await rows(recordingId)).to.deep.equal([]);
    const { publicKey } = new Signer(secret);
    const deletion = await inOrganization(database.app, tenant.organizationId, tx =>
      deletions.byId(tx, recordingId),
    );
    expect(openReceipt(deletion?.receipt ?? '', publicKey)).to.include({ recordingId });
  });

  it('renders what was queued, also when it is killed over it, and gives it out', async () => {
    const recordingId = await record();
    await stemIs(recordingId, 'rendering');
    worker?.kill('SIGKILL');
    await start();
    await stemIs(recordingId, 'ready');
    const [stem] = await rows(recordingId);
    expect(stem).to.deep.include({ state: 'ready', durationMs: seconds * 1000, note: null });
    const response = await download(`${recordingId}/stems/${stem?.stemId}/wav`);
    const wav = Buffer.from(await response.arrayBuffer());
    const samples = fromPcm24(wav.subarray(WAV_HEADER_BYTES));
    expect(samples).to.have.length(seconds * 48_000);
    expect(amplitudeOf(samples.subarray(96_000, 192_000), 440)).to.be.closeTo(0.5, 0.02);
    expect(samples.subarray(0, 47_000).every(value => value === 0)).to.equal(true);
    expect((await download(`${recordingId}/stems.zip`)).status).to.equal(200);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).to.equal(200);
  });

  it('makes what was ordered, also when it is killed over it, and gives it out', async () => {
    const recordingId = recordingIdOf.parse(await record());
    await stemIs(recordingId, 'ready');
    const [stem] = await rows(recordingId);
    const stemId = stem?.stemId ?? null;
    const { renderId } = await inOrganization(database.app, tenant.organizationId, tx =>
      renders.order(tx, { recordingId, stemId, format: 'mp3' }),
    );
    await stemIs(renderId, 'rendering true');
    worker?.kill('SIGKILL');
    expect((await download(`${recordingId}/renders/${renderId}`).catch(() => null))?.status).not.to.equal(
      200,
    );
    await start();
    await stemIs(renderId, 'ready true');
    const response = await download(`${recordingId}/renders/${renderId}`);
    expect(response.headers.get('content-type')).to.equal('audio/mpeg');
    expect((await response.arrayBuffer()).byteLength).to.equal(
      Number(response.headers.get('content-length')),
    );
    const certificate = await (await download(`${recordingId}/projects/sync`)).json();
    expect(certificate).to.deep.include({ recordingId, samples: seconds * 48_000 });
  });

  it('rotates keys that are old, opens all after that, and nothing once it is destroyed', async () => {
    const recordingId = recordingIdOf.parse(await record());
    await stemIs(recordingId, 'ready');
    const keys = await openKeys({ DATA_DIR: dataDir });
    const folder = join(dataDir, 'keys', 'organizations', `${tenant.organizationId}.keys`);
    const longAgo = new Date(Date.now() - 31 * 24 * 3_600_000);
    await utimes(join(folder, '1'), longAgo, longAgo);
    await database.owner.query(`
      CREATE FUNCTION app.tell_audit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('stem', NEW.organization_id || ' ' || NEW.action); RETURN NULL; END $$;
      CREATE TRIGGER tell_audit AFTER INSERT ON app.audit_entries FOR EACH ROW EXECUTE FUNCTION app.tell_audit();
      SELECT graphile_worker.add_job('rotate-keys');`);
    await stemIs(tenant.organizationId, 'key.rotated');
    expect((await keys.versions?.of(tenant.organizationId))?.current).to.equal(2);
    expect((await download(`${recordingId}/stems.zip`)).status).to.equal(200);
    // From another process, as a worker or the command line elsewhere does it.
    await keys.destroySessionKey(recordingId);
    const [stem] = await rows(recordingId);
    for (const path of ['stems.zip', 'projects/sync', `stems/${stem?.stemId}/wav`])
      expect((await download(`${recordingId}/${path}`)).status, path).to.equal(410);
  });

  it('has all its queues listen past a pooler', async () => {
    const { rows } = await database.owner.query(
      `SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN "jobs%'`,
    );
    expect(rows.map(row => row.application_name)).to.deep.equal(['direct', 'direct', 'direct']);
  });

  it('leaves only ciphertext on the disk, and nothing in its scratch directory', async () => {
    expect(await readdir(join(dataDir, 'scratch', String(port)))).to.deep.equal([]);
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    for (const file of files.filter(entry => entry.isFile())) {
      const bytes = await readFile(join(file.parentPath, file.name));
      for (const mark of ['WAVEfmt', 'fLaC', 'OpusHead'])
        expect(bytes.includes(mark), `${mark} in ${file.name}`).to.equal(false);
    }
  });

  it('ends in order when it is told to, in the midst of work', async () => {
    const recordingId = await record();
    await stemIs(recordingId, 'rendering');
    const child = worker;
    if (child === null) throw new Error('no worker');
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    await stemIs(recordingId, 'waiting');
    expect(code).to.equal(0);
  });
});
