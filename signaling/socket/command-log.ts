import { type Log, type Metrics, socketRequests } from '@cratersync/infra/runtime';
import type { Around } from '../protocol/index.ts';

/**
 * Notes every command of browsers by name, outcome and time. What a command holds is said in the room, and nobody else's.
 * @returns for a connection, by the id that the audit log has for it
 */
export function commandLog({ log, metrics }: { log: Log; metrics: Metrics }): (requestId: string) => Around {
  const counted = socketRequests(metrics, { trusts: false });
  return requestId => (asked, work) =>
    // A browser has no say in which trace its commands belong to.
    counted(asked, work, ({ name, outcome, ms }) => {
      // Each browser tells of its condition every few seconds: only what is not taken is worth a line.
      const level = name === 'condition.report' && outcome === 'ok' ? 'debug' : 'info';
      log[level]({ command: name, outcome, ms, requestId }, 'command');
    });
}
