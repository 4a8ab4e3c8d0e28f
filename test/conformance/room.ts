import { randomUUID } from 'node:crypto';
import type { JournalRecord, ManifestTrack } from '@cratersync/recorder/format';
import { type Damaged, openRecording, type RecordingReader } from '@cratersync/recorder/reader';
import type { ParticipantId, rtpParameters, Source, TrackId } from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';
import type { z } from 'zod';
import type { FakeSignaling } from '../support/fake-signaling.ts';
import { openMedia } from '../support/media-tap.ts';
import { RealRecorder, type Room as Recorded } from '../support/real-recorder.ts';
import { type Outgoing, type Path, Publisher, type Reporting } from './publisher.ts';

const loopback = { protocol: 'udp' as const, ip: '127.0.0.1' };

/** One connection to the SFU, all of its streams tapped. */
export interface Connection {
  publisher: Publisher;
  trackIds: TrackId[];
}

/** A real SFU worker and a real recorder process, and signaling's part of bringing them together. */
export class Room {
  readonly #recorder: RealRecorder;
  readonly #signaling: FakeSignaling;
  readonly #media: Awaited<ReturnType<typeof openMedia>>;
  readonly #open: { close(): void }[] = [];
  #recording: Recorded | null = null;

  private constructor(recorder: RealRecorder, media: Awaited<ReturnType<typeof openMedia>>) {
    this.#recorder = recorder;
    this.#signaling = recorder.signaling;
    this.#media = media;
  }

  static async open(): Promise<Room> {
    return new Room(await RealRecorder.start(), await openMedia());
  }

  async close(): Promise<void> {
    this.#media.close();
    for (const each of this.#open) each.close();
    await this.#recorder.close();
  }

  async begin(): Promise<void> {
    this.#recording = await this.#recorder.open();
  }

  get #ids(): Recorded {
    if (this.#recording === null) throw new Error('nothing is being recorded');
    return this.#recording;
  }

  async connect(
    participantId: ParticipantId,
    streams: Outgoing[],
    options: { path: Path; reporting: Reporting | null; now: () => number },
  ): Promise<Connection> {
    const { router } = this.#media;
    const ingress = await router.createPlainTransport({ listenInfo: loopback, comedia: true, rtcpMux: true });
    const publisher = await Publisher.open({ port: ingress.tuple.localPort, streams, ...options });
    this.#open.push(publisher);
    const trackIds: TrackId[] = [];
    for (const { kind, ssrc, payloadType, clockRateHz } of streams) {
      const codec =
        kind === 'audio'
          ? { mimeType: 'audio/opus', channels: 2, parameters: { useinbandfec: 1 } }
          : { mimeType: 'video/VP8' };
      const producer = await ingress.produce({
        kind,
        rtpParameters: {
          codecs: [{ ...codec, payloadType, clockRate: clockRateHz }],
          encodings: [{ ssrc }],
          rtcp: { cname: participantId },
        },
      });
      trackIds.push(await this.#tap(participantId, producer));
    }
    return { publisher, trackIds };
  }

  mute(trackId: TrackId, muted: boolean) {
    return this.#signaling.ask('track.hold', { ...this.#of(trackId), held: muted ? 'muted' : 'open' });
  }

  leave({ trackIds }: Connection) {
    return Promise.all(
      trackIds.map(trackId => this.#signaling.ask('track.close', { ...this.#of(trackId), cause: 'left' })),
    );
  }

  /** Ends the recording. @returns what the store has of it, read back as a whole */
  async finish(): Promise<RecordingReader> {
    await this.#signaling.ask('recording.close', { recordingId: this.#ids.recordingId });
    await this.#signaling.report('recording.finalized');
    const { store, keys } = await this.#recorder.openData();
    const reader = await openRecording(store, keys, this.#ids);
    const kept = new Map<ManifestTrack, (JournalRecord | Damaged)[][]>();
    for (const track of reader.manifest.tracks) {
      const batches: (JournalRecord | Damaged)[][] = [];
      for await (const batch of reader.batches(track)) batches.push(batch);
      kept.set(track, batches);
    }
    await store.close();
    return {
      ...reader,
      async *batches(track: ManifestTrack) {
        yield* kept.get(track) ?? [];
      },
    };
  }

  #of(trackId: TrackId) {
    return { recordingId: this.#ids.recordingId, trackId };
  }

  /** As signaling, SFU and recorder do it between them. */
  async #tap(participantId: ParticipantId, producer: types.Producer): Promise<TrackId> {
    const trackId = randomUUID() as TrackId;
    const { kind } = producer;
    const source: Source = kind === 'audio' ? 'mic' : 'camera';
    const { ip, port } = await this.#signaling.ask('track.open', {
      ...this.#of(trackId),
      participantId,
      source,
      kind,
    });
    const { router } = this.#media;
    const tap = await router.createPlainTransport({ listenInfo: loopback, rtcpMux: true, comedia: false });
    await tap.connect({ ip, port });
    const codecs = (router.rtpCapabilities.codecs ?? []).filter(each => !each.mimeType.endsWith('/rtx'));
    const consumer = await tap.consume({
      producerId: producer.id,
      rtpCapabilities: { codecs },
      paused: true,
      enableRtx: true,
    });
    await this.#signaling.ask('track.start', {
      ...this.#of(trackId),
      rtpParameters: consumer.rtpParameters as unknown as z.output<typeof rtpParameters>,
      sourceIp: tap.tuple.localAddress,
      sourcePort: tap.tuple.localPort,
      srtp: null,
      clockId: 'worker',
      held: 'open',
    });
    await consumer.resume();
    return trackId;
  }
}
