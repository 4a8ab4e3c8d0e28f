import { errors, type Request } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import type { TapStart } from '../capture/tap-endpoint.ts';
import type { recorderProcedures } from '../control.ts';
import type { StreamInfo } from '../format/index.ts';

/** What of a mediasoup consumer's RtpParameters a recorder needs. */
const consumed = z.object({
  codecs: z.array(
    z.object({
      mimeType: z.string(),
      payloadType: z.number().int(),
      clockRate: z.number().int(),
      channels: z.number().int().default(1),
      parameters: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  encodings: z.array(z.object({ ssrc: z.number().int() })).min(1),
});
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/**
 * Reads from a `track.start` what will arrive, and what the journal shall say of it.
 * @throws `bad_request` when the parameters do not describe one stream of media
 */
export function describeStream(asked: Request<typeof recorderProcedures, 'track.start'>): {
  start: TapStart;
  stream: StreamInfo;
} {
  const { codecs, encodings } = consumed.parse(asked.rtpParameters);
  const codec = codecs.find(({ mimeType }) => !mimeType.toLowerCase().endsWith('/rtx'));
  const ssrc = encodings[0]?.ssrc;
  if (codec === undefined || ssrc === undefined)
    throw errors.badRequest('there is no codec in rtpParameters');
  const { mimeType, payloadType, channels } = codec;
  const clockRateHz = codec.clockRate;
  const { sourceIp, sourcePort, srtp, clockId } = asked;
  const parameters = Object.fromEntries(
    Object.entries(codec.parameters).flatMap(([name, value]) => {
      const { success, data } = scalar.safeParse(value);
      return success ? [[name, data]] : [];
    }),
  );
  return {
    start: { ssrc, payloadType, mimeType, clockRateHz, sourceIp, sourcePort, srtp },
    stream: { ssrc, payloadType, mimeType, clockRateHz, channels, parameters, clockId },
  };
}
