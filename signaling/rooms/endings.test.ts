import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import {
  type AppError,
  errors,
  type OrganizationId,
  type RecordingId,
  type SessionId,
} from '../protocol/index.ts';
import { Endings } from './endings.ts';
import { Nodes, type RecorderLink, recorderLink } from './nodes.ts';

describe('recordings that are being ended', () => {
  const organizationId = randomUUID() as OrganizationId;
  const recordingId = randomUUID() as RecordingId;
  const stopped = {
    recordingId,
    sessionId: randomUUID() as SessionId,
    recorderId: 'recorder-1',
    holder: 1,
    startedAtMs: 1000,
    view: { recordingId, state: 'recording', elapsedMs: 60_000, reason: null, isPaused: false },
  } as const;
  let recorders: Nodes<RecorderLink>;
  let endings: Endings;
  let asked: { node: string; name: string; request: unknown }[];
  let refusal: AppError | null;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    asked = [];
    refusal = null;
    recorders = new Nodes<RecorderLink>('recorder');
    endings = new Endings({ recorders, log: createLog('test', 'silent') });
    dialIn('recorder-1');
    endings.begin({ organizationId, region: null }, stopped);
  });
  afterEach(() => mock.timers.reset());

  function dialIn(nodeId: string, has: RecordingId[] = []): void {
    const emitWithAck = async (name: string, request: unknown) => {
      asked.push({ node: nodeId, name, request });
      return refusal === null ? { ok: { holder: asked.length + 1 } } : { error: refusal.toBody() };
    };
    recorders.add(recorderLink(nodeId, { timeout: () => ({ emitWithAck }) }));
    endings.recorderBack(nodeId, new Set(has));
  }
  function lose(nodeId: string): void {
    recorders.remove(recorders.get(nodeId));
    endings.recorderGone(nodeId);
  }
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
  };
  const askedNodes = () => asked.map(({ node }) => node);

  it('stay with their recorder when it is back within five seconds', async () => {
    dialIn('recorder-2');
    lose('recorder-1');
    await pass(4900);
    dialIn('recorder-1', [recordingId]);
    await pass(10_000);
    expect(asked).to.deep.equal([]);
  });

  it('go to another recorder when theirs stays away, and to the next when that is lost, too', async () => {
    lose('recorder-1');
    dialIn('recorder-2');
    await pass(5000);
    const { sessionId } = stopped;
    const ids = { organizationId, sessionId, recordingId };
    const request = { ...ids, startedAtMs: 1000, elapsedMs: 60_000, stoppedMs: 60_000, after: 1 };
    expect(asked).to.deep.equal([{ node: 'recorder-2', name: 'recording.take-over', request }]);
    lose('recorder-2');
    dialIn('recorder-3');
    await pass(5000);
    expect(asked[1]).to.deep.equal({
      node: 'recorder-3',
      name: 'recording.take-over',
      request: { ...request, after: 2 },
    });
    endings.done(recordingId);
    lose('recorder-3');
    await pass(60_000);
    expect(asked).to.have.length(2);
  });

  it('are tried again while no recorder can take them', async () => {
    lose('recorder-1');
    await pass(5000);
    dialIn('recorder-2');
    refusal = errors.unavailable('store');
    await pass(2000);
    await pass(2000);
    refusal = null;
    await pass(2000);
    await pass(60_000);
    expect(askedNodes()).to.deep.equal(['recorder-2', 'recorder-2', 'recorder-2']);
  });

  it('that were erased meanwhile are let go', async () => {
    lose('recorder-1');
    dialIn('recorder-2');
    refusal = errors.erased();
    await pass(5000);
    await pass(60_000);
    expect(asked).to.have.length(1);
    expect(endings.has(recordingId)).to.equal(false);
  });

  it('are taken from a recorder that is back without its disk', async () => {
    lose('recorder-1');
    await pass(1000);
    dialIn('recorder-1', []);
    await pass(5000);
    expect(askedNodes()).to.deep.equal(['recorder-1']);
  });

  it('that were stopped while their recorder was away do not wait for it to be lost', async () => {
    endings.done(recordingId);
    lose('recorder-1');
    endings.begin({ organizationId, region: null }, stopped);
    dialIn('recorder-2');
    await pass(5000);
    expect(askedNodes()).to.deep.equal(['recorder-2']);
  });
});
