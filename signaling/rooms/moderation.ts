import { audit, type Database, inOrganization, participants, sessions } from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import type { PlanLimits } from '../billing/standing.ts';
import {
  type AppError,
  type ChangeableRole,
  changeableRole,
  errors,
  type OrganizationId,
  type ParticipantId,
  type SessionId,
  type SessionSettings,
} from '../protocol/index.ts';
import type { Evictions } from './evictions.ts';
import type { Rooms } from './rooms.ts';
import type { Seat } from './seat.ts';
import { type SettingsChange, writeAdmitted, writeSettings } from './session-settings.ts';

/** Who does something to a session and its people, and where it was asked for. */
export interface Acting {
  seat: Seat;
  asked: Asked;
}

/** What hosts and co-hosts do. What is to last is written down first, with its entry in the audit log. */
export class Moderation {
  readonly #db: Database;
  readonly #rooms: Rooms;
  readonly #evictions: Evictions;
  readonly #limits: PlanLimits;

  constructor(own: { db: Database; rooms: Rooms; evictions: Evictions; limits: PlanLimits }) {
    const { db, rooms, evictions, limits } = own;
    this.#db = db;
    this.#limits = limits;
    this.#rooms = rooms;
    this.#evictions = evictions;
  }

  /** Whoever is no longer waiting is passed over. */
  async admit({ organizationId, sessionId }: Seat, participantIds: readonly ParticipantId[]): Promise<null> {
    const waiting = new Set(this.#waitingFor(sessionId));
    await this.#letIn(
      organizationId,
      sessionId,
      participantIds.filter(id => waiting.has(id)),
    );
    return null;
  }

  deny({ sessionId }: Seat, participantIds: readonly ParticipantId[]): null {
    this.#turnAway(sessionId, participantIds, errors.notAdmitted());
    return null;
  }

  /** @throws `not_found`; `conflict` for a host, who is a member of the organization */
  async remove({ seat, asked }: Acting, participantId: ParticipantId): Promise<null> {
    const { organizationId, sessionId } = seat;
    await inOrganization(this.#db, organizationId, async tx => {
      const person = await participants.hold(tx, sessionId, participantId);
      if (person === null) throw errors.notFound('person');
      if (person.role === 'host')
        throw errors.conflict('A host cannot be removed: they are a member of the organization.');
      await participants.remove(tx, participantId);
      const target = { kind: 'participant', id: participantId } as const;
      await audit.append(tx, entry(asked, 'participant.removed', target, { role: person.role }));
    });
    await this.#evictions.evict(organizationId, participantId, errors.removedFromSession());
    return null;
  }

  /** @throws `not_found`; `conflict` for somebody who is neither guest nor co-host */
  async setRole({ seat, asked }: Acting, participantId: ParticipantId, role: ChangeableRole): Promise<null> {
    const { organizationId, sessionId } = seat;
    await inOrganization(this.#db, organizationId, async tx => {
      const person = await participants.hold(tx, sessionId, participantId);
      if (person === null) throw errors.notFound('person');
      if (!changeableRole.safeParse(person.role).success)
        throw errors.conflict('Only guests and co-hosts can change their roles.');
      if (person.role === role) return;
      await participants.setRole(tx, participantId, role);
      const target = { kind: 'participant', id: participantId } as const;
      const details = { from: person.role, to: role };
      await audit.append(tx, entry(asked, 'participant.role-changed', target, details));
    });
    this.#rooms.find(sessionId)?.changeRole(participantId, role);
    return null;
  }

  async configure({ seat, asked }: Acting, change: SettingsChange): Promise<SessionSettings> {
    const settings = await writeSettings({ db: this.#db, limits: this.#limits }, seat, change, asked);
    await this.settingsChanged(seat, settings);
    return settings;
  }

  /** They have been written down: those who are here hear of it, and nobody waits where nobody has to. */
  async settingsChanged(
    place: Pick<Seat, 'organizationId' | 'sessionId'>,
    settings: SessionSettings,
  ): Promise<void> {
    const { organizationId, sessionId } = place;
    const room = this.#rooms.find(sessionId);
    if (room !== undefined) room.entrance.settings = settings;
    if (settings.lobby) return;
    const waiting = this.#waitingFor(sessionId);
    if (waiting.length > 0) await this.#letIn(organizationId, sessionId, waiting);
  }

  /** Everybody else has to leave, those who wait too, and only a host comes in again. */
  async end({ seat, asked }: Acting): Promise<null> {
    const { organizationId, sessionId } = seat;
    await inOrganization(this.#db, organizationId, async tx => {
      await sessions.setClosed(tx, sessionId, true);
      await audit.append(tx, entry(asked, 'session.ended', { kind: 'session', id: sessionId }));
    });
    const room = this.#rooms.find(sessionId);
    this.#turnAway(sessionId, this.#waitingFor(sessionId), errors.sessionEnded());
    if (room === undefined) return null;
    // A recording that does not stop ends with the room, some time after the last one has left.
    if (room.recording.active) await room.recording.stop(asked).catch(room.recording.trouble);
    const others = room.participantIds.filter(id => id !== seat.participantId);
    await Promise.all(others.map(id => room.dismiss(id, errors.sessionEnded())));
    return null;
  }

  #waitingFor(sessionId: SessionId): ParticipantId[] {
    return this.#rooms.lobbies.of(sessionId).map(({ participantId }) => participantId);
  }

  async #letIn(
    organizationId: OrganizationId,
    sessionId: SessionId,
    waiting: readonly ParticipantId[],
  ): Promise<void> {
    await writeAdmitted(this.#db, organizationId, waiting);
    for (const { socket } of this.#rooms.lobbies.take(sessionId, waiting)) socket.emit('admitted', {});
  }

  #turnAway(sessionId: SessionId, waiting: readonly ParticipantId[], error: AppError): void {
    for (const { socket } of this.#rooms.lobbies.take(sessionId, waiting)) {
      socket.emit('dismissed', error.toBody());
      socket.close();
    }
  }
}
