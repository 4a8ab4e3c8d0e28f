import { randomUUID } from 'node:crypto';
import {
  kindOf,
  type ParticipantId,
  type ProducerView,
  type Request,
  type roomCommands,
  trackId as trackIdSchema,
} from '../protocol/index.ts';
import type { Member, Members } from './members.ts';
import type { LiveProducer } from './recording.ts';
import type { RoomMedia } from './room-media.ts';
import type { RoomRecording } from './room-recording.ts';
import type { Seat } from './seat.ts';

interface Parts {
  members: Members;
  media: RoomMedia;
  recording: RoomRecording;
}

/** What a room's people send: the others hear of all that changes, and the recording follows. */
export class Sending {
  readonly #members: Members;
  readonly #media: RoomMedia;
  readonly #recording: RoomRecording;

  constructor({ members, media, recording }: Parts) {
    this.#members = members;
    this.#media = media;
    this.#recording = recording;
  }

  get views(): ProducerView[] {
    return this.#media.producers.map(viewOf);
  }

  async open(seat: Seat, command: Request<typeof roomCommands, 'producer.open'>) {
    const { participantId } = seat;
    const { source, paused } = command;
    const trackId = trackIdSchema.parse(randomUUID());
    const request = { ...this.#media.peer(seat), ...command, trackId };
    const { producerId } = await this.#media.present.ask('producer.open', request);
    // Gone, or sent out, meanwhile: what they sent is closed with them.
    this.#members.present(seat);
    const producer: LiveProducer = { producerId, trackId, participantId, source, paused };
    this.#media.add(producer);
    // First the tap: what nobody recorded, nobody shall have heard.
    await this.#recording.follows();
    if (this.#media.has(producerId)) this.#members.tell('producerOpened', viewOf(producer), participantId);
    return { producerId };
  }

  async setPaused(seat: Seat, producerId: string, paused: boolean): Promise<null> {
    const producer = this.#media.own(seat, producerId);
    const request = { ...this.#media.peer(seat), producerId };
    await this.#media.present.ask(paused ? 'producer.pause' : 'producer.resume', request);
    producer.paused = paused;
    this.#members.tell('producerChanged', viewOf(producer), seat.participantId);
    void this.#recording.reconcile('left');
    return null;
  }

  async close(seat: Seat, producerId: string): Promise<null> {
    this.#media.own(seat, producerId);
    this.#drop(producerId);
    void this.#recording.reconcile('left');
    return this.#media.present.ask('producer.close', { ...this.#media.peer(seat), producerId });
  }

  /** Closes somebody's microphone, and tells them who did. */
  async mute({ seat, socket }: Member, by: string): Promise<void> {
    const mics = this.#media
      .producersOf(seat.participantId)
      .filter(({ source, paused }) => source === 'mic' && !paused);
    for (const { producerId } of mics) await this.setPaused(seat, producerId, true);
    socket?.emit('muted', { by });
  }

  /** Somebody sends nothing any more, and hears and sees nothing. */
  async end({ seat, transports }: Member, cause: 'left' | 'reconnected'): Promise<void> {
    transports.clear();
    this.dropOf(seat.participantId);
    await this.#recording.reconcile(cause);
    await this.#media.closePeer(seat.participantId);
  }

  /** Their media is gone already, or is closed elsewhere. */
  dropOf(participantId: ParticipantId): void {
    for (const { producerId } of this.#media.producersOf(participantId)) this.#drop(producerId);
  }

  dropAll(): void {
    for (const { producerId } of this.#media.producers) this.#drop(producerId);
  }

  #drop(producerId: string): void {
    if (this.#media.drop(producerId)) this.#members.tell('producerClosed', { producerId });
  }
}

const viewOf = ({ producerId, participantId, source, paused }: LiveProducer): ProducerView => ({
  producerId,
  participantId,
  source,
  kind: kindOf(source),
  paused,
});
