import { audit, enqueue, keeping, type OrganizationTx } from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import type { Retention, SessionId, SessionRetention } from '../protocol/index.ts';

/** As the database has it. */
const FOREVER = 0;

export async function changeRetention(tx: OrganizationTx, retention: Retention, asked: Asked): Promise<void> {
  const days = daysOf(retention);
  if (days === ((await keeping.ofOrganization(tx)).retentionDays ?? FOREVER)) return;
  await keeping.setOrganizationRetention(tx, days);
  const target = { kind: 'organization', id: tx.scope.organizationId } as const;
  await audit.append(tx, entry(asked, 'keeping.changed', target, detailsOf(retention)));
  await enqueue(tx, 'apply-retention', {});
}

export async function changeSessionRetention(
  tx: OrganizationTx,
  sessionId: SessionId,
  retention: SessionRetention,
  asked: Asked,
): Promise<void> {
  const days = retention.kind === 'organization' ? null : daysOf(retention);
  if (days === (await keeping.ofSession(tx, sessionId))?.retentionDays) return;
  await keeping.setSessionRetention(tx, sessionId, days);
  const target = { kind: 'session', id: sessionId } as const;
  await audit.append(tx, entry(asked, 'keeping.changed', target, detailsOf(retention)));
  await enqueue(tx, 'apply-retention', {});
}

const daysOf = (retention: Retention): number => (retention.kind === 'days' ? retention.days : FOREVER);

const detailsOf = (retention: SessionRetention): audit.Done['details'] =>
  retention.kind === 'days' ? { days: retention.days } : { kept: retention.kind };

/** @param days null: for ever */
export const retentionShape = (days: number | null): Retention =>
  days === null ? { kind: 'forever' } : { kind: 'days', days };

/** @param days of its own, as the database has it */
export function sessionRetentionShape(days: number | null): SessionRetention {
  if (days === null) return { kind: 'organization' };
  return days === FOREVER ? { kind: 'forever' } : { kind: 'days', days };
}
