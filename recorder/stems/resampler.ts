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
  readonly #emit: (firstIndex: number, pcm: Uint8Array) => void;
  /** Of each channel, the last inputs before the next block. */
  readonly #tails: Float32Array[];
  /** How many inputs of the run there were. */
  #inputs = 0;
  /** The first output that has not been computed; null between runs. */
  #next: number | null = null;
  #map: BlockMap = NO_BLOCK;

  /**
   * @param emit receives the outputs in order, as interleaved 24-bit PCM that is clipped at full scale. The bytes are
   * overwritten by whatever is resampled next.
   */
  constructor(channels: 1 | 2, emit: (firstIndex: number, pcm: Uint8Array) => void) {
    this.#tails = Array.from({ length: channels }, () => new Float32Array(TAIL));
    this.#emit = emit;
  }

  /** @param block an array of at most 120 ms for each channel, −1..1 */
  push(block: readonly Float32Array[], fromOutput: number, toOutput: number): void {
    if (this.#next === null) this.#start(fromOutput);
    const samples = block[0]?.length ?? 0;
    const inputPerOutput = samples / (toOutput - fromOutput);
    const map = { input: this.#inputs, output: fromOutput, inputPerOutput, endOutput: toOutput };
    this.#resample(block, samples, map);
  }

  /** Ends the run: computes what was waiting for inputs that will not come. */
  finish(): void {
    if (this.#next === null) return;
    this.#resample([], TAPS, NO_BLOCK);
    this.#next = null;
  }

  #start(fromOutput: number): void {
    this.#next = Math.ceil(fromOutput);
    for (const tail of this.#tails) tail.fill(0);
    this.#inputs = 0;
    this.#map = NO_BLOCK;
  }

  /** @param block channels that are not given are silent */
  #resample(block: readonly Float32Array[], samples: number, map: BlockMap): void {
    if (TAIL + samples > ROOM) throw new RangeError('a block that is longer than any packet');
    for (const [channel, tail] of this.#tails.entries()) {
      const inputs = inputsOf(channel);
      inputs.set(tail);
      const own = block[channel];
      if (own === undefined) inputs.fill(0, TAIL, TAIL + samples);
      else inputs.set(own, TAIL);
      tail.set(inputs.subarray(samples, samples + TAIL));
    }
    const first = this.#next ?? 0;
    // Inputs of this block complete the last outputs of the one before.
    const seam = this.#compute(this.#map, samples, 0);
    const outputs = this.#compute(map, samples, seam);
    this.#map = map;
    this.#inputs += samples;
    if (outputs === 0) return;
    const values = outputs * this.#tails.length;
    pack(values);
    this.#emit(first, PCM.subarray(0, values * 3));
  }

  /** Outputs of a block, as far as there are inputs around them. @returns how many there are now */
  #compute(map: BlockMap, samples: number, before: number): number {
    const next = this.#next;
    if (next === null || next >= map.endOutput) return before;
    const { input, output, inputPerOutput, endOutput } = map;
    const origin = input - output * inputPerOutput - (this.#inputs - TAIL);
    const reachable = Math.floor((TAIL + samples - 1 - HALF - origin) / inputPerOutput) + 1;
    const end = Math.min(Math.ceil(endOutput), reachable);
    if (end <= next) return before;
    const channels = this.#tails.length;
    for (let channel = 0; channel < channels; channel += 1) {
      const target = OUTPUTS_AT + 4 * (before * channels + channel);
      const first = origin + next * inputPerOutput;
      convolve(INPUT_BYTES * channel, target, 4 * channels, end - next, first, inputPerOutput);
    }
    this.#next = end;
    return before + end - next;
  }
}

/** Where a block lies: input index `input` belongs to output position `output`. */
interface BlockMap {
  input: number;
  output: number;
  inputPerOutput: number;
  endOutput: number;
}

const NO_BLOCK: BlockMap = { input: 0, output: 0, inputPerOutput: 1, endOutput: Number.NEGATIVE_INFINITY };

const TAPS = 32;
const HALF = TAPS / 2;
/** Inputs that outputs of the next block, or the last ones of this, may still need. */
const TAIL = 2 * TAPS;
/** So fine that the nearest phase will do: what that adds to a sound of 10 kHz is 92 dB below it. */
const PHASES = 16_384;

/** As much as is used of what every JavaScript engine has, and Node's types leave out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** resample.wat, assembled: several times as fast as JavaScript, and the same on every machine. */
const { memory, convolve, pack } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(join(import.meta.dirname, 'resample.wasm'))),
).exports as {
  memory: { buffer: ArrayBuffer };
  convolve(input: number, output: number, stride: number, count: number, first: number, step: number): void;
  pack(count: number): void;
};
/** Inputs of a channel; nothing stays in this memory from one call to the next. */
const ROOM = 8192;
const INPUT_BYTES = 4 * ROOM;
const OUTPUTS_AT = 2 * INPUT_BYTES;
const PCM_AT = 2 * OUTPUTS_AT;
const KERNEL_AT = 3 * OUTPUTS_AT;
const INPUTS = [0, 1].map(channel => new Float32Array(memory.buffer, INPUT_BYTES * channel, ROOM));
const PCM = new Uint8Array(memory.buffer, PCM_AT, KERNEL_AT - PCM_AT);

function inputsOf(channel: number): Float32Array {
  const inputs = INPUTS[channel];
  if (inputs === undefined) throw new RangeError('more than two channels');
  return inputs;
}

/**
 * PHASES rows of a sinc under a Kaiser window (β = 9: stop band below −90 dB). A row sums to 1, so that a constant
 * stays one. 2 MiB; consecutive samples use neighbouring rows.
 */
fillKernel(new Float32Array(memory.buffer, KERNEL_AT, PHASES * TAPS));

function fillKernel(kernel: Float32Array): void {
  // All rows sample one symmetric curve, on one grid.
  const scale = bessel(9);
  const curve = Float64Array.from({ length: HALF * PHASES }, (_, index) => {
    const x = index / PHASES;
    const window = bessel(9 * Math.sqrt(1 - (x / HALF) ** 2)) / scale;
    return x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
  const taps = new Float64Array(TAPS);
  for (let row = 0; row < PHASES; row += 1) {
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
