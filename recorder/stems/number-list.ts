/** Whole numbers of 32 bits, without the cost of an array's boxes: a film has hundreds of thousands of frames. */
export class NumberList {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Uint32Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.#length);
  }
}
