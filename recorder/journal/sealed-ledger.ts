import type { OrganizationId, RecordingId, SessionId, TrackId } from '@cratersync/signaling/protocol';
import { openSealed, sealWhole } from '../format/index.ts';
import type { LedgerState } from './ledger.ts';

/** Whose account it is, and the key for it. */
export interface LedgerOwner {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  trackId: TrackId;
  sessionKey: Uint8Array;
  epoch: number;
}

/**
 * A track's account as it may lie on disk: who was silent when is nobody's business, so it is sealed as a small object
 * of its own.
 * @returns base64
 */
export function sealLedger(owner: LedgerOwner, state: Readonly<LedgerState>): string {
  const { sessionKey, recordingId, ...header } = owner;
  const fields = { ...header, purpose: 'manifest' as const, keyId: recordingId };
  const json = Buffer.from(JSON.stringify(state));
  return sealWhole(
    sessionKey,
    { ...fields, sequence: 0, startUs: 0, previousHash: Buffer.alloc(32) },
    json,
  ).toString('base64');
}

/** @throws FormatError when it is not sealed with this key, or damaged */
export function openLedger(sessionKey: Uint8Array, sealed: string): LedgerState {
  const { frames, error } = openSealed(sessionKey, Buffer.from(sealed, 'base64'));
  if (error !== null) throw new Error(`the account of a track is damaged: ${error}`);
  return JSON.parse(Buffer.concat(frames).toString('utf8')) as LedgerState;
}
