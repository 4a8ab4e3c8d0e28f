import {
  consumerInfo,
  dtlsParameters,
  iceParameters,
  mediaKind,
  mediaLayers,
  participantId,
  probeTransport,
  rtpCapabilities,
  rtpParameters,
  sessionId,
  source,
  trackId,
  transportDirection,
  transportInfo,
  wantedLayer,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';

/**
 * What signaling asks of an SFU node, and what the node reports. The node dials in to signaling's NODES_NAMESPACE
 * with auth {kind: 'sfu', nodeId, secret} and reports `announce` before anything is asked of it.
 */

const nothing = z.null();
const inRoom = { sessionId };
const ofPeer = { sessionId, participantId };

export const srtpParameters = z.object({
  cryptoSuite: z.literal('AEAD_AES_256_GCM'),
  keyBase64: z.string(),
});

export const sfuProcedures = {
  /** Idempotent: an open room answers with the router it has. */
  'room.open': {
    request: z.strictObject(inRoom),
    response: z.object({ routerRtpCapabilities: rtpCapabilities }),
  },
  'room.close': { request: z.strictObject(inRoom), response: nothing },
  /** Closes all transports of one person; unknown is fine. */
  'peer.close': { request: z.strictObject(ofPeer), response: nothing },
  'transport.create': {
    request: z.strictObject({ ...ofPeer, direction: transportDirection }),
    response: transportInfo,
  },
  'transport.connect': {
    request: z.strictObject({ ...ofPeer, transportId: z.string(), dtlsParameters }),
    response: nothing,
  },
  'transport.restart-ice': {
    request: z.strictObject({ ...ofPeer, transportId: z.string() }),
    response: iceParameters,
  },
  'producer.open': {
    request: z.strictObject({
      ...ofPeer,
      transportId: z.string(),
      trackId,
      source,
      paused: z.boolean(),
      rtpParameters,
    }),
    response: z.object({ producerId: z.string() }),
  },
  'producer.pause': { request: z.strictObject({ ...ofPeer, producerId: z.string() }), response: nothing },
  'producer.resume': { request: z.strictObject({ ...ofPeer, producerId: z.string() }), response: nothing },
  'producer.close': { request: z.strictObject({ ...ofPeer, producerId: z.string() }), response: nothing },
  /** Opened paused: the browser resumes it when it is ready to receive, so that its first keyframe is not lost. */
  'consumer.open': {
    request: z.strictObject({ ...ofPeer, transportId: z.string(), producerId: z.string(), rtpCapabilities }),
    response: consumerInfo,
  },
  'consumer.resume': { request: z.strictObject({ ...ofPeer, consumerId: z.string() }), response: nothing },
  /** The picture in another size, or none until it is wanted again: then it begins with a keyframe. */
  'consumer.prefer': {
    request: z.strictObject({ ...ofPeer, consumerId: z.string(), layer: wantedLayer }),
    response: nothing,
  },
  /**
   * A copy of one producer's RTP, highest simulcast layer, sent to `ip:port` (RTP and RTCP multiplexed). Opened
   * paused: nothing flows before `tap.start`, by which time the recorder knows the SSRC and the sender's address.
   */
  'tap.open': {
    request: z.strictObject({
      ...inRoom,
      producerId: z.string(),
      ip: z.string(),
      port: z.number().int(),
      /** null: plain RTP, for loopback only */
      srtp: srtpParameters.nullable(),
    }),
    response: z.object({
      tapId: z.string(),
      rtpParameters,
      sourceIp: z.string(),
      sourcePort: z.number().int(),
      /** The SFU's own sending key; null for plain RTP. */
      srtp: srtpParameters.nullable(),
      /** Streams with the same clockId have Sender Reports in one clock (one mediasoup worker). */
      clockId: z.string(),
    }),
  },
  /** Lets the RTP flow and asks the publisher for a keyframe. */
  'tap.start': { request: z.strictObject({ ...inRoom, tapId: z.string() }), response: nothing },
  /** Nothing flows until it is started again. */
  'tap.pause': { request: z.strictObject({ ...inRoom, tapId: z.string() }), response: nothing },
  'tap.close': { request: z.strictObject({ ...inRoom, tapId: z.string() }), response: nothing },
  /** A transport in no room, for a browser that tries its way to here. It closes by itself after some seconds. */
  'probe.open': { request: z.strictObject({ dtlsParameters }), response: probeTransport },
} as const;

export const liveRoom = z.object({
  sessionId,
  routerRtpCapabilities: rtpCapabilities,
  peers: z.array(
    z.object({
      participantId,
      transports: z.array(z.object({ transportId: z.string(), direction: transportDirection })),
      producers: z.array(
        z.object({ producerId: z.string(), trackId, source, kind: mediaKind, paused: z.boolean() }),
      ),
    }),
  ),
  taps: z.array(z.object({ tapId: z.string(), trackId, paused: z.boolean() })),
});
export type LiveRoom = z.output<typeof liveRoom>;

export const sfuReports = {
  announce: {
    request: z.strictObject({ rooms: z.array(liveRoom) }),
    response: nothing,
  },
  /** ICE or DTLS of one transport changed; `gone` is final. */
  'transport.changed': {
    request: z.strictObject({
      ...ofPeer,
      transportId: z.string(),
      state: z.enum(['connected', 'disconnected', 'gone']),
    }),
    response: nothing,
  },
  /** A tap carries other simulcast layers of its producer's from now on. Repeated after every announcement. */
  'tap.layers-changed': {
    request: mediaLayers.extend({ ...inRoom, trackId }).strict(),
    response: nothing,
  },
  /** A mediasoup worker died: these rooms have no router any more. */
  'rooms.lost': {
    request: z.strictObject({ sessionIds: z.array(sessionId) }),
    response: nothing,
  },
} as const;
