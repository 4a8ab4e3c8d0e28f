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
export const consumerInfo = z.object({
  consumerId: z.string(),
  producerId: z.string(),
  kind: mediaKind,
  rtpParameters,
});
export type ConsumerInfo = z.output<typeof consumerInfo>;
