import { isOpusError, type OpusDecoderHandle } from 'libopus-wasm';
import type { PlacedAudio } from './place-audio.ts';

/**
 * Decodes a packet with libopus, always to as many samples as it says: what is damaged inside is made up as if it were
 * lost.
 * @returns one array a channel, −1..1
 */
export function decode(
  decoder: OpusDecoderHandle,
  channels: 1 | 2,
  { payload, samples }: PlacedAudio,
): Float32Array[] {
  try {
    return deinterleave(decoder.decodeFloat(payload), channels);
  } catch (error) {
    if (!isOpusError(error)) throw error;
    return deinterleave(decoder.decodePacketLossFloat(samples), channels);
  }
}

/**
 * What was lost right before a packet, to be called before that is decoded: rebuilt from the copy that it holds (in-band
 * FEC), and as far as there is none, made up by the decoder from what came before. libopus does either in one call, and
 * its state then suits the packet.
 */
export function rebuild(
  decoder: OpusDecoderHandle,
  channels: 1 | 2,
  { payload, lostSamples }: PlacedAudio,
): Float32Array[] {
  return deinterleave(decoder.decodeFloat(payload, { decodeFec: true, frameSize: lostSamples }), channels);
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
