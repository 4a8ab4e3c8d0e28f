import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Manifest } from '@cratersync/recorder/format';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import { openRecording } from '@cratersync/recorder/testing';
import type {
  OrganizationId,
  ParticipantId,
  RecordingId,
  SessionId,
  TrackId,
} from '@cratersync/signaling/protocol';
import { FakeSignaling } from '../support/fake-signaling.ts';
import type { Outgoing, Target } from './traffic.ts';

const program = join(
  dirname(createRequire(import.meta.url).resolve('@cratersync/recorder/control')),
  'main.ts',
);

interface Ids {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

/** A recorder process as it is in life, with its files in a folder of its own; only signaling is played. */
export class RecorderProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #signaling: FakeSignaling;
  readonly #folder: string;

  private constructor(child: ChildProcess, signaling: FakeSignaling, folder: string) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#signaling = signaling;
    this.#folder = folder;
  }

  static async launch(): Promise<RecorderProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-bench-'));
    const signaling = new FakeSignaling();
    await signaling.start();
    const child = fork(program, {
      // As infra/dev/programs.ts starts it.
      execArgv: ['--max-semi-space-size=4', '--initial-heap-size=64'],
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: folder,
        SIGNALING_URL: signaling.url,
        NODE_SECRET: 'x'.repeat(32),
        RECORDER_MIN_FREE_BYTES: '0',
        RECORDER_PLANNED_HOURS: '0',
        LOG_LEVEL: 'warn',
      },
    });
    await Promise.race([once(child, 'message'), failed(child)]);
    await signaling.report('announce');
    return new RecorderProcess(child, signaling, folder);
  }

  async open(): Promise<Ids> {
    const ids = {
      organizationId: randomUUID() as OrganizationId,
      sessionId: randomUUID() as SessionId,
      recordingId: randomUUID() as RecordingId,
    };
    await this.#signaling.ask('recording.open', ids);
    return ids;
  }

  /** Opens and starts a track. @returns where its packets go */
  async track({ recordingId }: Ids, outgoing: Outgoing): Promise<Target> {
    const { kind, ssrc, payloadType, port: sourcePort } = outgoing;
    const trackId = randomUUID() as TrackId;
    const participantId = randomUUID() as ParticipantId;
    const source = kind === 'audio' ? 'mic' : 'camera';
    const { ip, port } = await this.#signaling.ask('track.open', {
      recordingId,
      trackId,
      participantId,
      source,
      kind,
    });
    const codec = { payloadType, parameters: {}, rtcpFeedback: [] };
    await this.#signaling.ask('track.start', {
      recordingId,
      trackId,
      rtpParameters: {
        codecs: [
          kind === 'audio'
            ? { ...codec, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }
            : { ...codec, mimeType: 'video/VP8', clockRate: 90_000 },
        ],
        encodings: [{ ssrc }],
      },
      sourceIp: '127.0.0.1',
      sourcePort,
      srtp: null,
      clockId: 'bench',
      held: 'open',
    });
    return { ip, port, rtcpPort: port };
  }

  /** Stops a recording. @returns its manifest, and how long it took until that was stored and told */
  async finish(ids: Ids): Promise<{ manifest: Manifest; tookMs: number }> {
    const startMs = performance.now();
    await this.#signaling.ask('recording.close', { recordingId: ids.recordingId });
    await this.#signaling.report('recording.finalized');
    const tookMs = performance.now() - startMs;
    const store = await openStore({ DATA_DIR: this.#folder });
    const keys = await openKeys({ DATA_DIR: this.#folder });
    const { manifest } = await openRecording(store, keys, ids);
    await store.close();
    return { manifest, tookMs };
  }

  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    await this.#signaling.stop();
    await rm(this.#folder, { recursive: true });
  }
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the recorder ended with code ${code} before it was ready`);
}
