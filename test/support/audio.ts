import { readFile, writeFile } from 'node:fs/promises';

export const SAMPLE_RATE_HZ = 48_000;

/** Writes a steady sine, whole periods long so that it loops without a click: what a fake microphone plays. */
export async function writeTone(
  path: string,
  hz: number,
  { seconds = 1, amplitude = 8000 }: { seconds?: number; amplitude?: number } = {},
): Promise<void> {
  const samples = SAMPLE_RATE_HZ * seconds;
  const data = Buffer.alloc(44 + samples * 2);
  data.write('RIFF', 0);
  data.writeUInt32LE(36 + samples * 2, 4);
  data.write('WAVEfmt ', 8);
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  data.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write('data', 36);
  data.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i += 1)
    data.writeInt16LE(Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE_HZ)), 44 + i * 2);
  await writeFile(path, data);
}

/** Reads a mono 24-bit PCM WAV at 48 kHz. @returns samples in −1..1 */
export async function readWav(path: string): Promise<Float32Array> {
  return wavSamples(await readFile(path), path);
}

/** Reads the bytes of such a file. */
export function wavSamples(bytes: Buffer, path = 'the WAV'): Float32Array {
  let offset = 12;
  while (bytes.toString('latin1', offset, offset + 4) !== 'data') {
    if (bytes.toString('latin1', offset, offset + 4) === 'fmt ') expectFormat(bytes, offset + 8, path);
    offset += 8 + bytes.readUInt32LE(offset + 4);
  }
  const samples = new Float32Array(bytes.readUInt32LE(offset + 4) / 3);
  for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readIntLE(offset + 8 + i * 3, 3) / 8_388_608;
  return samples;
}

function expectFormat(bytes: Buffer, at: number, path: string): void {
  const [channels, rate, bits] = [
    bytes.readUInt16LE(at + 2),
    bytes.readUInt32LE(at + 4),
    bytes.readUInt16LE(at + 14),
  ];
  if (channels !== 1 || rate !== SAMPLE_RATE_HZ || bits !== 24)
    throw new Error(`${path} is ${channels} × ${rate} Hz × ${bits} bit, not mono 48 kHz 24 bit`);
}

/** Goertzel's algorithm: the amplitude (0..1) of one frequency in a stretch of samples. */
export function amplitudeOf(samples: Float32Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE_HZ);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = before * before + last * last - coefficient * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The mean amplitude over stretches of 50 ms: the fake microphone's loop has a seam, and a seam shifts the phase. */
export function loudnessOf(samples: Float32Array, hz: number): number {
  const window = SAMPLE_RATE_HZ / 20;
  const count = Math.floor(samples.length / window);
  const parts = Array.from({ length: count }, (_, i) => samples.subarray(i * window, (i + 1) * window));
  return parts.reduce((sum, part) => sum + amplitudeOf(part, hz), 0) / count;
}

export interface Span {
  startMs: number;
  endMs: number;
}

/** Where a stem is silent for at least `minMs`: no 5 ms window there is louder than `threshold` (RMS). */
export function silences(samples: Float32Array, minMs: number, threshold = 0.003): Span[] {
  const window = SAMPLE_RATE_HZ / 200;
  const spans: Span[] = [];
  let start: number | null = null;
  const close = (end: number) => {
    if (start !== null && (end - start) * 5 >= minMs) spans.push({ startMs: start * 5, endMs: end * 5 });
    start = null;
  };
  const windows = Math.floor(samples.length / window);
  for (let index = 0; index < windows; index += 1) {
    let sum = 0;
    for (let i = index * window; i < (index + 1) * window; i += 1) sum += (samples[i] ?? 0) ** 2;
    if (Math.sqrt(sum / window) < threshold) start ??= index;
    else close(index);
  }
  close(windows);
  return spans;
}
