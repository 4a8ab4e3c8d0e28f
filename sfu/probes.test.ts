import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { mock } from 'node:test';
import { promisify } from 'node:util';
import { createLog } from '@cratersync/infra/runtime';
import type { AppError } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { types } from 'mediasoup';
import { Probes } from './probes.ts';
import { type MediaWorker, WorkerPool } from './workers.ts';

const ensure = join(import.meta.dirname, '../infra/mediasoup-worker/ensure.sh');

/** A browser's certificate, as far as the SFU looks at it. */
const dtlsParameters: types.DtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
};

describe('probes of the network', function () {
  this.timeout(30_000);
  let pool: WorkerPool;
  let media: MediaWorker;

  before(async () => {
    const { stdout } = await promisify(execFile)(ensure);
    pool = await WorkerPool.open({
      count: 1,
      workerBin: stdout.trim(),
      addresses: [{ ip: '127.0.0.1', announcedAddress: undefined }],
      firstPort: 0,
      log: createLog('test', 'silent'),
      onDied: () => undefined,
    });
    const worker = pool.leastLoaded();
    if (worker === null) throw new Error('there is no worker');
    media = worker;
  });
  afterEach(() => mock.timers.reset());
  after(() => pool.close());

  it('lead to the port at which media arrives, over UDP and TCP', async () => {
    const { iceCandidates } = await new Probes({ lifeMs: 100 }).open(media, dtlsParameters);
    expect(iceCandidates.map(({ protocol }) => protocol).sort()).to.deep.equal(['tcp', 'udp']);
  });

  it('are but so many, until they close by themselves', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const probes = new Probes({ lifeMs: 300, mostOpen: 2 });
    const open = () =>
      probes.open(media, dtlsParameters).then(
        () => 'open',
        (error: AppError) => error.code,
      );
    expect([await open(), await open(), await open()]).to.deep.equal(['open', 'open', 'node_unavailable']);
    mock.timers.tick(299);
    expect(await open()).to.equal('node_unavailable');
    mock.timers.tick(1);
    expect([await open(), await open(), await open()]).to.deep.equal(['open', 'open', 'node_unavailable']);
  });

  it('cost no place when what a browser says of itself is wrong', async () => {
    const probes = new Probes({ lifeMs: 60_000, mostOpen: 1 });
    const wrong = { role: 'client', fingerprints: [] } as types.DtlsParameters;
    const refused = await probes.open(media, wrong).catch((error: Error) => error);
    expect(refused).to.be.instanceOf(TypeError);
    expect((await probes.open(media, dtlsParameters)).iceParameters).to.have.property('usernameFragment');
  });
});
