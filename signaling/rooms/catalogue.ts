import {
  audit,
  customerKeys,
  type Database,
  inOrganization,
  markers,
  type OrganizationTx,
  organizationDeletions,
  participants,
  recordings,
  sessions,
} from '@cratersync/db';
import { type Log, retry } from '@cratersync/infra/runtime';
import type { recorderReports } from '@cratersync/recorder/control';
import { type Asked, entry } from '../audit/asked.ts';
import { requireHours, spendHours } from '../billing/hours.ts';
import type { PlanLimits } from '../billing/standing.ts';
import type {
  CustomerKey,
  OrganizationId,
  ParticipantId,
  RecordingId,
  Request,
  rest,
  SessionId,
  State,
} from '../protocol/index.ts';
import type { Seat } from './seat.ts';

type Finalized = Request<typeof recorderReports, 'recording.finalized'>;

/** Nobody sets a marker twice: it waits for the database for as long as anybody could. */
const MARKER_PATIENCE_MS = 3_600_000;

/**
 * What rooms write down. A room goes on while the database is away: who is there and what is live is the room's own
 * knowledge, so those notes are tried for a minute and then left; a recording's existence and its end are not.
 */
export class Catalogue {
  readonly #db: Database;
  readonly #limits: PlanLimits;
  readonly #log: Log;

  constructor({ db, limits, log }: { db: Database; limits: PlanLimits; log: Log }) {
    this.#db = db;
    this.#limits = limits;
    this.#log = log;
  }

  /** @throws `plan_limit` when the hours of the organization's plan are used up */
  async requireHours(organizationId: OrganizationId): Promise<void> {
    await inOrganization(this.#db, organizationId, async tx => requireHours(tx, await this.#limits.of(tx)));
  }

  noteParticipant(seat: Seat, to: State<'participant'>): void {
    this.#note(seat.organizationId, tx => participants.advance(tx, seat.participantId, to));
  }

  /** They are inside: whoever comes back does not wait. */
  noteAdmitted(seat: Seat): void {
    this.#note(seat.organizationId, tx => participants.admit(tx, [seat.participantId]));
  }

  /** A host has opened it again after it was ended for everybody. */
  noteReopened({ organizationId, sessionId }: Seat): void {
    this.#note(organizationId, tx => sessions.setClosed(tx, sessionId, false));
  }

  noteSession(organizationId: OrganizationId, sessionId: SessionId, to: State<'session'>): void {
    this.#note(organizationId, tx => sessions.advance(tx, sessionId, to));
  }

  /** What locks the organization's recordings, where it has brought its own. @throws `unavailable` */
  customerKey(organizationId: OrganizationId): Promise<CustomerKey | null> {
    return inOrganization(this.#db, organizationId, tx => customerKeys.inUse(tx));
  }

  /**
   * @returns what locks it, where the organization has brought its own key
   * @throws `unavailable` while the database is away: nothing is recorded that nobody could find again; `plan_limit`;
   *   `organization_closing` in one that is to be deleted
   */
  async insertRecording(
    { organizationId, sessionId }: Pick<Seat, 'organizationId' | 'sessionId'>,
    recordingId: RecordingId,
    asked: Asked,
  ): Promise<CustomerKey | null> {
    return inOrganization(this.#db, organizationId, async tx => {
      await organizationDeletions.holdActive(tx);
      await spendHours(tx, await this.#limits.of(tx));
      await recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() });
      await audit.append(tx, entry(asked, 'recording.started', { kind: 'recording', id: recordingId }));
      return customerKeys.inUse(tx);
    });
  }

  /** It was asked for, and did not begin. */
  noteRefused(organizationId: OrganizationId, recordingId: RecordingId, reason: string, asked: Asked): void {
    this.#note(organizationId, async tx => {
      await recordings.advance(tx, recordingId, 'incomplete', { reason });
      await audit.append(tx, entry(asked, 'recording.refused', { kind: 'recording', id: recordingId }));
    });
  }

  /** Nobody wanted it, where nobody asked: everybody had left. */
  noteStopped(organizationId: OrganizationId, recordingId: RecordingId, asked: Asked = audit.nobody): void {
    this.#note(organizationId, async tx => {
      await recordings.advance(tx, recordingId, 'draining');
      await audit.append(tx, entry(asked, 'recording.stopped', { kind: 'recording', id: recordingId }));
    });
  }

  noteRecording(
    organizationId: OrganizationId,
    recordingId: RecordingId,
    to: State<'recording'>,
    reason?: string,
  ): void {
    this.#note(organizationId, tx =>
      recordings.advance(tx, recordingId, to, reason === undefined ? {} : { reason }),
    );
  }

  /** Somebody has set it in the room; its recording was written down before. */
  noteMarker(
    organizationId: OrganizationId,
    recordingId: RecordingId,
    marker: rest.Marker,
    by: ParticipantId,
  ): void {
    this.#note(organizationId, tx => markers.note(tx, recordingId, marker, by), MARKER_PATIENCE_MS);
  }

  noteMarkerName(
    organizationId: OrganizationId,
    recordingId: RecordingId,
    { markerId, name }: Pick<rest.Marker, 'markerId' | 'name'>,
  ): void {
    this.#note(organizationId, tx => markers.change(tx, recordingId, markerId, { name }), MARKER_PATIENCE_MS);
  }

  /** In the order of the recording. */
  markersOf(organizationId: OrganizationId, recordingId: RecordingId): Promise<rest.Marker[]> {
    return inOrganization(this.#db, organizationId, tx => markers.ofRecording(tx, recordingId));
  }

  /** Somebody has paused it, or lets it go on. */
  notePaused(
    organizationId: OrganizationId,
    recordingId: RecordingId,
    isPaused: boolean,
    asked: Asked,
  ): void {
    const action = isPaused ? 'recording.paused' : 'recording.resumed';
    this.#note(organizationId, tx =>
      audit.append(tx, entry(asked, action, { kind: 'recording', id: recordingId })),
    );
  }

  /** The end of a recording and the order for its stems, in one transaction. Idempotent. */
  async finalize(report: Finalized): Promise<void> {
    const { organizationId, startedAtMs, ...found } = report;
    await inOrganization(this.#db, organizationId, tx =>
      recordings.finalize(tx, { ...found, startedAt: new Date(startedAtMs) }),
    );
  }

  async sessionTitle(organizationId: OrganizationId, sessionId: SessionId): Promise<string> {
    const row = await inOrganization(this.#db, organizationId, tx => sessions.byId(tx, sessionId));
    return row?.title ?? '';
  }

  // Notes of one organization follow each other, or `recording` could be written after `draining`.
  readonly #queues = new Map<OrganizationId, Promise<void>>();

  #note(
    organizationId: OrganizationId,
    write: (tx: OrganizationTx) => Promise<unknown>,
    patienceMs = 60_000,
  ): void {
    const before = this.#queues.get(organizationId) ?? Promise.resolve();
    const signal = AbortSignal.timeout(patienceMs);
    const after = before
      .then(() => retry(() => inOrganization(this.#db, organizationId, write), { signal, maxMs: 5000 }))
      .then(
        () => undefined,
        (error: unknown) => this.#log.error({ err: error }, 'a room could not write down what happened'),
      )
      .finally(() => {
        if (this.#queues.get(organizationId) === after) this.#queues.delete(organizationId);
      });
    this.#queues.set(organizationId, after);
  }

  /** Resolves when every note has been written or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#queues.values());
  }
}
