import type { types } from 'mediasoup';

/**
 * What rooms speak, most wanted first. Payload types are left to mediasoup. Opus keeps in-band FEC: stems
 * rebuild short losses from it.
 */
export const mediaCodecs: types.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48000,
    channels: 2,
    parameters: { useinbandfec: 1, usedtx: 0 },
    // A recording can wait for a lost packet to be sent again, as a call cannot.
    rtcpFeedback: [{ type: 'nack' }],
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000, parameters: { 'x-google-start-bitrate': 1000 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: {
      'packetization-mode': 1,
      'profile-level-id': '42e01f',
      'level-asymmetry-allowed': 1,
      'x-google-start-bitrate': 1000,
    },
  },
];

/** A tap's capabilities: the router's codecs, without RTX, since a retransmission may come on the stream itself. */
export function tapCapabilities(router: types.RtpCapabilities): types.RtpCapabilities {
  return {
    codecs: (router.codecs ?? [])
      .filter(codec => !codec.mimeType.toLowerCase().endsWith('/rtx'))
      .map(codec => ({
        ...codec,
        // Congestion feedback has no use on a tap: nothing may be held back from the recorder.
        rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type === 'nack' || type === 'ccm'),
      })),
    headerExtensions: [],
  };
}
