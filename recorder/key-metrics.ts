import type { Metrics } from '@cratersync/infra/runtime';
import type { KeyCall } from './keys/index.ts';

/** How often a key was locked or opened, and how that went. */
export function keyMetrics(metrics: Metrics): (call: KeyCall) => void {
  const calls = metrics.counter({
    name: 'cratersync_kms_calls_total',
    help: 'Keys that were locked or opened, by provider and outcome.',
    labels: ['provider', 'operation', 'outcome'],
  });
  const seconds = metrics.seconds({
    name: 'cratersync_kms_seconds',
    help: 'What locks keys, from a call to its answer.',
    labels: ['provider'],
  });
  return ({ provider, operation, outcome, ms }) => {
    // An alert needs to see them rise from zero.
    for (const each of ['ok', 'refused', 'unavailable', 'error'] as const)
      calls.inc({ provider, operation, outcome: each }, each === outcome ? 1 : 0);
    seconds.observe({ provider }, ms / 1000);
  };
}
