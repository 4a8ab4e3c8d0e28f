import { spanOf } from '@cratersync/infra/runtime';
import type { Recording } from './recording.ts';

type Span = NonNullable<ReturnType<typeof spanOf>>;

/** Ends the trace that began with a click: with the first chunk that the store has acknowledged. */
export class FirstChunks {
  readonly #spans = new WeakMap<Recording, Span>();

  /** It was opened by the request that is being answered. */
  opened(recording: Recording): void {
    const span = spanOf('first chunk stored');
    if (span !== null) this.#spans.set(recording, span);
  }

  stored(recording: Recording): void {
    this.#spans.get(recording)?.end();
    this.#spans.delete(recording);
  }
}
