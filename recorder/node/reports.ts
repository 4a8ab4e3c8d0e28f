import { type Log, retry } from '@cratersync/infra/runtime';
import type { Sent } from '@cratersync/signaling/protocol';
import type { recorderReports } from '../control.ts';
import { objectKeys } from '../format/index.ts';
import type { Recording } from './recording.ts';

export type Report = <K extends keyof typeof recorderReports>(
  name: K,
  body: Sent<typeof recorderReports, K>,
) => Promise<unknown>;

/** What a recorder tells signaling of its recordings, while signaling is there. */
export class Reports {
  readonly #log: Log;
  /** null while signaling is away. */
  #signaling: { report: Report; gone: AbortController } | null = null;

  constructor(log: Log) {
    this.#log = log;
  }

  online(report: Report): void {
    this.#signaling = { report, gone: new AbortController() };
  }

  offline(): void {
    this.#signaling?.gone.abort();
    this.#signaling = null;
  }

  get isOnline(): boolean {
    return this.#signaling !== null;
  }

  phase({ row: { organizationId, recordingId }, phase }: Recording): void {
    if (phase === 'draining' || phase === 'finalizing') {
      void this.tell('recording.changed', { organizationId, recordingId, state: phase });
    }
  }

  warning({ row: { organizationId, recordingId } }: Recording, message: string): void {
    void this.tell('recording.warned', { organizationId, recordingId, message });
  }

  /** For what is told again after a reconnection, or not worth it. */
  readonly tell: Report = async (name, body) => {
    try {
      await this.#signaling?.report(name, body);
    } catch (error) {
      this.#log.warn({ err: error, report: name }, 'signaling did not take a report');
    }
  };

  /**
   * Repeats until signaling has it.
   * @returns false when the connection was lost before: the next one is to tell it again
   */
  async finalized({ row, summary }: Recording): Promise<boolean> {
    const signaling = this.#signaling;
    const { organizationId, sessionId, recordingId } = row;
    if (signaling === null || summary === null) return false;
    const manifestKey = objectKeys.manifest(recordingId);
    const body = { organizationId, sessionId, recordingId, manifestKey, ...summary };
    try {
      await retry(() => signaling.report('recording.finalized', body), {
        signal: signaling.gone.signal,
        maxMs: 5_000,
        onRetry: error =>
          this.#log.warn({ err: error, recordingId }, 'signaling did not take a finalized recording yet'),
      });
    } catch (error) {
      if (signaling.gone.signal.aborted) return false;
      throw error;
    }
    return true;
  }
}
