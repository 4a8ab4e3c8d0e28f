import { createHash } from 'node:crypto';
import type { OrganizationId } from '@cratersync/signaling/protocol';

/** Who did something: an account, somebody in a session, an API token, or CraterSync itself. */
export type Actor = { kind: 'account' | 'participant' | 'token'; id: string } | { kind: 'system'; id: null };

export interface AuditEntry {
  organizationId: OrganizationId;
  /** 1, 2, 3 … without a gap. */
  sequence: number;
  /** To the millisecond. */
  at: Date;
  actor: Actor;
  /** Such as `member.removed`: what was done to what, in the past tense. */
  action: string;
  target: { kind: string; id: string };
  details: Record<string, string | number | boolean>;
  /** The IP address it was asked from; empty when nobody asked. */
  address: string;
  requestId: string;
}

export const FIRST_HASH: Buffer = Buffer.alloc(32);

/** An entry's hash: SHA-256 of the hash before it and of all its fields, as a JSON array in UTF-8. */
export function hashOfEntry(previousHash: Buffer, entry: AuditEntry): Buffer {
  const { organizationId, sequence, at, actor, action, target, details, address, requestId } = entry;
  const fields = [
    'cratersync/audit/v1',
    organizationId,
    sequence,
    at.toISOString(),
    actor.kind,
    actor.id,
    action,
    target.kind,
    target.id,
    details,
    address,
    requestId,
  ];
  return createHash('sha256').update(previousHash).update(JSON.stringify(fields)).digest();
}
