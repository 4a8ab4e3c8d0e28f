import { createDecoder, isOpusError, type OpusDecoderHandle } from 'libopus-wasm';
import type { PlacedAudio } from './place-audio.ts';

/** Sound that fills the stem's axis between two positions (fractions of samples). */
export interface PlacedSamples {
  /** One array a channel, −1..1. */
  samples: Float32Array[];
  from: number;
  to: number;
  startsRun: boolean;
  endsRun: boolean;
}

/**
 * Decodes with libopus. A short loss is rebuilt from the copy that the packet behind it holds (in-band FEC), and as far
 * as there is none, made up by the decoder from what came before; libopus does either in one call, and its state then
 * suits the packet that follows.
 */
export async function* decodeOpus(
  placed: AsyncIterable<PlacedAudio>,
  channels: 1 | 2,
): AsyncGenerator<PlacedSamples> {
  let decoder: OpusDecoderHandle | null = null;
  let endedAt = 0;
  try {
    for await (const packet of placed) {
      if (decoder === null || packet.startsStream) {
        decoder?.free();
        decoder = await createDecoder({ channels });
      }
      const { payload, from, to, startsRun, endsRun, lostSamples } = packet;
      if (lostSamples > 0) {
        const rebuilt = decoder.decodeFloat(payload, { decodeFec: true, frameSize: lostSamples });
        const samples = deinterleave(rebuilt, channels);
        yield { samples, from: endedAt, to: from, startsRun: false, endsRun: false };
      }
      yield { samples: deinterleave(decode(decoder, packet), channels), from, to, startsRun, endsRun };
      endedAt = to;
    }
  } finally {
    decoder?.free();
  }
}

/** Always as many samples as the packet says: what is damaged inside is made up as if it were lost. */
function decode(decoder: OpusDecoderHandle, { payload, samples }: PlacedAudio): Float32Array {
  try {
    return decoder.decodeFloat(payload);
  } catch (error) {
    if (!isOpusError(error)) throw error;
    return decoder.decodePacketLossFloat(samples);
  }
}

function deinterleave(interleaved: Float32Array, channels: number): Float32Array[] {
  if (channels === 1) return [interleaved];
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(interleaved.length / channels);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = interleaved[index * channels + channel] as number;
    }
    return samples;
  });
}
