import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { ObjectMissing, type ObjectStore, StoreConflict } from '@cratersync/recorder/store';

/** An object store in memory, whose faults a test decides. Emits 'put' with the key after each attempt. */
export class MemoryStore extends EventEmitter implements ObjectStore {
  readonly objects = new Map<string, Buffer>();
  /** Runs before each put; what it throws is the store's answer. */
  beforePut: (key: string, attempt: number) => void | Promise<void> = () => {};
  /** Runs after the object is stored; what it throws is an acknowledgement that got lost. */
  afterPut: (key: string) => void = () => {};
  checkFailure: Error | null = null;
  #attempts = 0;

  /** Resolves once `done()` holds, looking after each put. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) await once(this, 'put');
  }

  async put(key: string, body: Uint8Array | { path: string; bytes: number }, sha256Hex: string) {
    this.#attempts += 1;
    try {
      await this.beforePut(key, this.#attempts);
      if (!(body instanceof Uint8Array)) throw new Error('only bytes are stored in memory');
      if (createHash('sha256').update(body).digest('hex') !== sha256Hex) throw new Error('checksum differs');
      const there = this.objects.get(key);
      if (there !== undefined && !there.equals(body)) throw new StoreConflict(key);
      if (there === undefined) this.objects.set(key, Buffer.from(body));
      this.afterPut(key);
      return there === undefined ? ('stored' as const) : ('already-there' as const);
    } finally {
      setImmediate(() => this.emit('put', key));
    }
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Readable> {
    const bytes = this.objects.get(key);
    if (bytes === undefined) throw new ObjectMissing(key);
    return Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]);
  }

  async head(key: string): Promise<{ bytes: number } | null> {
    const bytes = this.objects.get(key);
    return bytes === undefined ? null : { bytes: bytes.length };
  }

  async *list(prefix: string): AsyncIterable<{ key: string; bytes: number }> {
    for (const [key, { length }] of [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (key.startsWith(prefix)) yield { key, bytes: length };
    }
  }

  async *traces(prefix: string): AsyncIterable<string> {
    for await (const { key } of this.list(prefix)) yield key;
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async check(): Promise<void> {
    if (this.checkFailure !== null) throw this.checkFailure;
  }

  async close(): Promise<void> {}
}
