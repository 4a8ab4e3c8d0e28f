import { z } from 'zod';

/** Where a track comes from. With the participant it names the stem. */
export const source = z.enum(['mic', 'camera', 'screen', 'screen-audio']);
export type Source = z.output<typeof source>;
export const mediaKind = z.enum(['audio', 'video']);
export type MediaKind = z.output<typeof mediaKind>;
export const kindOf = (s: Source): MediaKind => (s === 'mic' || s === 'screen-audio' ? 'audio' : 'video');

/** Which of a publisher's simulcast or SVC layers is passed on; null while none is. */
export const mediaLayers = z.object({
  spatial: z.number().int().nonnegative().nullable(),
  temporal: z.number().int().nonnegative().nullable(),
});
export type MediaLayers = z.output<typeof mediaLayers>;

/**
 * In which of a camera's sizes somebody wants to see it, the smallest first; null: it is not seen, and nothing is sent. A
 * picture that comes in fewer sizes comes in the nearest.
 */
export const wantedLayer = z.int().min(0).max(2).nullable();
export type WantedLayer = z.output<typeof wantedLayer>;

/** What is made of every stem at once: sound as WAV, FLAC and .m4a, pictures as they were sent, and what goes with them. */
export const stemFormat = z.enum(['wav', 'flac', 'm4a', 'mp4', 'webm', 'peaks', 'thumbs', 'sync']);
export type StemFormat = z.output<typeof stemFormat>;
/** What is made when somebody asks for it: the first three of one stem, the others of the whole recording. */
export const renderFormat = z.enum(['mp3', 'opus', 'cfr', 'mix', 'mix-mp3', 'mix-m4a', 'grid']);
export type RenderFormat = z.output<typeof renderFormat>;
/** Projects for editors, and the recording's certificate; made while they are downloaded. */
export const projectFormat = z.enum(['rpp', 'lof', 'labels', 'dawproject', 'fcp7', 'otio', 'sync', 'report']);
export type ProjectFormat = z.output<typeof projectFormat>;
/** What a link to a recording opens: the stems with what opens them in an editor, or also what was ordered. */
export const shareContents = z.enum(['stems', 'all']);
export type ShareContents = z.output<typeof shareContents>;

/**
 * mediasoup's own structures (RTP capabilities and parameters, DTLS, ICE). They travel through us between
 * mediasoup-client and mediasoup, each of which validates them; we bound their size at the transport.
 */
const opaque = <Name extends string>() => z.looseObject({}).brand<Name>();
export const rtpCapabilities = opaque<'RtpCapabilities'>();
export const rtpParameters = opaque<'RtpParameters'>();
export const dtlsParameters = opaque<'DtlsParameters'>();
export const iceParameters = opaque<'IceParameters'>();
export const iceCandidates = z.array(z.looseObject({}));

export const transportDirection = z.enum(['send', 'receive']);
export const transportInfo = z.object({
  transportId: z.string(),
  iceParameters,
  iceCandidates,
  dtlsParameters,
});
export type TransportInfo = z.output<typeof transportInfo>;
/** A relay (TURN), by which a browser gets to the SFU where its network lets it out in no other way. */
export const iceServer = z.object({
  urls: z.array(z.string()),
  username: z.string(),
  credential: z.string(),
});
export type IceServer = z.output<typeof iceServer>;
/** Empty where there is none. */
const iceServers = z.array(iceServer);
/** What a browser is told of a transport: also how it may get there. */
export const transportOffer = transportInfo.extend({ iceServers });
export type TransportOffer = z.output<typeof transportOffer>;
export const iceRestart = z.object({ iceParameters, iceServers });
/** A transport on which a browser only tries its way to the SFU. */
export const probeTransport = transportInfo.omit({ transportId: true });
export type ProbeTransport = z.output<typeof probeTransport>;
export const networkProbe = probeTransport.extend({ iceServers });
export type NetworkProbe = z.output<typeof networkProbe>;
export const consumerInfo = z.object({
  consumerId: z.string(),
  producerId: z.string(),
  kind: mediaKind,
  rtpParameters,
});
export type ConsumerInfo = z.output<typeof consumerInfo>;
