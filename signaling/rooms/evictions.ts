import { type Database, inOrganization, participants } from '@cratersync/db';
import { type Log, retry } from '@cratersync/infra/runtime';
import type { AppError, OrganizationId, ParticipantId } from '../protocol/index.ts';
import { whyEnded } from './door.ts';
import type { Rooms } from './rooms.ts';

/** Whoever is connected, in a room or not yet. */
export interface Connected {
  organizationId: OrganizationId;
  participantId: ParticipantId;
  dismiss(error: AppError): void;
}

/** Longer than a database takes to come back, and far less than anybody waits for an answer. */
const PATIENCE_MS = 30_000;

/**
 * Sends people out whose seat has ended: the link they came by was revoked, they were removed, or they are no member
 * any more.
 *
 * Nobody slips through. Whoever is connected is known here from before the moment at which their seat is read when they
 * join; an ending that is written before that read stops them there, and one that is written after it is followed by a
 * `sweep`, which finds them.
 */
export class Evictions {
  readonly #db: Database;
  readonly #rooms: Rooms;
  readonly #connected: () => Iterable<Connected>;
  readonly #log: Log;

  constructor(options: { db: Database; rooms: Rooms; connected: () => Iterable<Connected>; log: Log }) {
    this.#db = options.db;
    this.#rooms = options.rooms;
    this.#connected = options.connected;
    this.#log = options.log;
  }

  /** Asks the database about everybody of an organization who is here. Never rejects; resolves when they are out. */
  async sweep(organizationId: OrganizationId): Promise<void> {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const ended = await retry(() => this.#ended(organizationId), { signal, maxMs: 1000 });
      await Promise.all(
        [...ended].map(([participantId, error]) => this.evict(organizationId, participantId, error)),
      );
    } catch (error) {
      this.#log.error({ err: error, organizationId }, 'it could not be checked who has to leave');
    }
  }

  /** Sends one person out, wherever they are. */
  async evict(organizationId: OrganizationId, participantId: ParticipantId, error: AppError): Promise<void> {
    const rooms = this.#rooms.of(organizationId).filter(room => room.participantIds.includes(participantId));
    const cutOff = rooms.map(room => room.dismiss(participantId, error));
    for (const connected of this.#connected())
      if (connected.participantId === participantId) connected.dismiss(error);
    await Promise.all(cutOff);
  }

  async #ended(organizationId: OrganizationId): Promise<Map<ParticipantId, AppError>> {
    const here = new Set(this.#rooms.of(organizationId).flatMap(room => room.participantIds));
    for (const connected of this.#connected())
      if (connected.organizationId === organizationId) here.add(connected.participantId);
    if (here.size === 0) return new Map();
    const seats = await inOrganization(this.#db, organizationId, tx => participants.seats(tx, [...here]));
    return new Map(
      seats.flatMap(seat => {
        const error = whyEnded(seat);
        return error === null ? [] : [[seat.participantId, error] as const];
      }),
    );
  }
}
