import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A streaming windowed-sinc resampler for ratios within a permille of 1.
 *
 * Its input is a row of blocks; for each it is told between which output positions (fractions of a sample) the block
 * lies. Output sample n is the band-limited signal at the input position that belongs to n. Blocks of one run
 * adjoin each other; beyond the run's ends the signal is zero.
 */
export class Resampler {
  readonly #emit: (firstIndex: number, channels: Float32Array[]) => void;
  readonly #channels: number;
  /** Of each channel, the last inputs of the blocks before, then the block itself. */
  #buffers: Float32Array[] = [];
  #length = 0;
  /** Input index of the buffers' first element; the run's first input is 0. */
  #base = 0;
  /** The first output that has not been computed; null between runs. */
  #next: number | null = null;
  #map: BlockMap = { input: 0, output: 0, inputPerOutput: 1, endOutput: 0 };

  /** @param emit receives the outputs of all channels in order; the arrays are the receiver's */
  constructor(channels: number, emit: (firstIndex: number, channels: Float32Array[]) => void) {
    this.#channels = channels;
    this.#emit = emit;
  }

  push(block: readonly Float32Array[], fromOutput: number, toOutput: number): void {
    if (this.#next === null) this.#start(fromOutput);
    const input = this.#base + this.#length;
    const samples = block[0]?.length ?? 0;
    this.#append(samples, block);
    // Inputs of this block complete the last outputs of the one before.
    this.#compute();
    const inputPerOutput = samples / (toOutput - fromOutput);
    this.#map = { input, output: fromOutput, inputPerOutput, endOutput: toOutput };
    this.#compute();
    this.#forget();
  }

  /** Ends the run: computes what was waiting for inputs that will not come. */
  finish(): void {
    if (this.#next === null) return;
    this.#append(TAPS, []);
    this.#compute();
    this.#next = null;
  }

  #start(fromOutput: number): void {
    this.#next = Math.ceil(fromOutput);
    this.#buffers = Array.from({ length: this.#channels }, () => new Float32Array(TAPS));
    this.#length = TAPS;
    this.#base = -TAPS;
    this.#map = { input: 0, output: fromOutput, inputPerOutput: 1, endOutput: fromOutput };
  }

  /** Channels that are not given are silent. */
  #append(samples: number, block: readonly Float32Array[]): void {
    this.#buffers = this.#buffers.map((buffer, channel) => {
      const joined = new Float32Array(this.#length + samples);
      joined.set(buffer);
      joined.set(block[channel] ?? [], this.#length);
      return joined;
    });
    this.#length += samples;
  }

  #forget(): void {
    const surplus = this.#length - 2 * TAPS;
    if (surplus <= 0) return;
    this.#buffers = this.#buffers.map(buffer => buffer.slice(surplus));
    this.#length -= surplus;
    this.#base += surplus;
  }

  /** Outputs of the current block, as far as there are inputs around them. */
  #compute(): void {
    const { input, output, inputPerOutput, endOutput } = this.#map;
    const next = this.#next;
    if (next === null || next >= endOutput) return;
    const origin = input - output * inputPerOutput - this.#base;
    const reachable = Math.floor((this.#length - 1 - HALF - origin) / inputPerOutput) + 1;
    const end = Math.min(Math.ceil(endOutput), reachable);
    if (end <= next) return;
    const first = origin + next * inputPerOutput;
    this.#next = end;
    this.#emit(
      next,
      this.#buffers.map(buffer => convolve(buffer, end - next, first, inputPerOutput)),
    );
  }
}

/** Where the current block lies: input index `input` belongs to output position `output`. */
interface BlockMap {
  input: number;
  output: number;
  inputPerOutput: number;
  endOutput: number;
}

const TAPS = 32;
const HALF = TAPS / 2;
/** So fine that the nearest phase will do: what that adds to a sound of 10 kHz is 92 dB below it. */
const PHASES = 16_384;

/** As much as is used of what every JavaScript engine has, and Node's types leave out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** convolve.wat, assembled: four taps an instruction make it three times as fast as JavaScript. */
const { memory, convolve: convolveInMemory } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(join(import.meta.dirname, 'convolve.wasm'))),
).exports as {
  memory: { buffer: ArrayBuffer };
  convolve(count: number, first: number, step: number): void;
};
/** Of the inputs, and of the outputs. */
const ROOM_FLOATS = 16_384;
const INPUTS = new Float32Array(memory.buffer, 0, ROOM_FLOATS);
const OUTPUTS = new Float32Array(memory.buffer, INPUTS.byteLength, ROOM_FLOATS);

/** The signal at the positions `first + i · step` of `inputs`. */
function convolve(inputs: Float32Array, count: number, first: number, step: number): Float32Array {
  if (count > ROOM_FLOATS) throw new RangeError('a block that is longer than any packet');
  INPUTS.set(inputs);
  convolveInMemory(count, first, step);
  return OUTPUTS.slice(0, count);
}

/**
 * PHASES + 1 rows of a sinc under a Kaiser window (β = 9: stop band below −90 dB). A row sums to 1, so that a constant
 * stays one. 2 MiB; consecutive samples use neighbouring rows.
 */
fillKernel(new Float32Array(memory.buffer, 2 * INPUTS.byteLength, (PHASES + 1) * TAPS));

function fillKernel(kernel: Float32Array): void {
  // All rows sample one symmetric curve, on one grid.
  const scale = bessel(9);
  const curve = Float64Array.from({ length: HALF * PHASES }, (_, index) => {
    const x = index / PHASES;
    const window = bessel(9 * Math.sqrt(1 - (x / HALF) ** 2)) / scale;
    return x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
  const taps = new Float64Array(TAPS);
  for (let row = 0; row <= PHASES; row += 1) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      // Zero beyond the window's ends.
      const value = curve[Math.abs((tap - HALF + 1) * PHASES - row)] ?? 0;
      taps[tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < TAPS; tap += 1) kernel[row * TAPS + tap] = (taps[tap] as number) / sum;
  }
}

/** The modified Bessel function of the first kind, order zero. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
