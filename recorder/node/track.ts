import type { Source, TrackHealth, TrackProgress } from '@cratersync/signaling/protocol';
import { kindOf } from '@cratersync/signaling/protocol';
import { Mailbox, type MailboxOptions } from '../capture/mailbox.ts';
import type { TrackOrigin } from '../format/index.ts';
import type { TrackRow } from '../journal/catalogue-entries.ts';
import { type ChainPosition, ChunkWriter } from '../journal/chunk-writer.ts';
import type { Journal } from '../journal/journal.ts';
import type { Ledger } from '../journal/ledger.ts';
import { type LedgerOwner, sealLedger } from '../journal/sealed-ledger.ts';
import { Watermark } from '../journal/watermark.ts';

/** How long nothing may come before people are told. A screen on which nothing moves sends next to nothing. */
const PATIENCE_US: Record<Source, number> = {
  mic: 1_000_000,
  'screen-audio': 1_000_000,
  camera: 1_300_000,
  screen: 10_000_000,
};

export interface TrackOptions extends Pick<MailboxOptions, 'receiver' | 'clock' | 'zeroUs' | 'hasRoom'> {
  row: TrackRow;
  owner: LedgerOwner;
  origin: TrackOrigin;
  ledger: Ledger;
  /** Where its chunks go on. */
  chain: ChainPosition;
  journal: Journal;
}

/** One track of a recording: what receives it, what writes it, its account, and how far it is safe. */
export class Track {
  readonly row: TrackRow;
  readonly ledger: Ledger;
  readonly mailbox: Mailbox;
  readonly watermark = new Watermark();
  readonly #options: TrackOptions;
  readonly #writer: ChunkWriter;

  constructor(options: TrackOptions) {
    const { row, owner, origin, ledger, chain, journal } = options;
    this.#options = options;
    this.row = row;
    this.ledger = ledger;
    this.#writer = new ChunkWriter({
      ...owner,
      origin,
      log: journal.frames,
      chain,
      onSealed: chunk => {
        this.watermark.sealed(chunk);
        ledger.sealed(chunk.sequence);
        journal.sealed(chunk, sealLedger(owner, ledger.snapshot()));
      },
    });
    this.mailbox = new Mailbox({ ...options, kind: kindOf(row.source), writer: this.#writer });
  }

  /**
   * @param nowUs session time, as is `diskUs`: what came before is on disk
   * @param storage what is the matter with disk or store, for a track that is well otherwise
   */
  progress(nowUs: number, diskUs: number, storage: TrackHealth): TrackProgress {
    const { trackId, participantId, source } = this.row;
    const flow = this.mailbox.health(nowUs, PATIENCE_US[source]);
    return {
      trackId,
      participantId,
      source,
      onDiskMs: diskUs / 1000,
      safeMs: this.watermark.safeUs(this.#writer.openUs, diskUs) / 1000,
      health: flow === 'flowing' ? storage : flow,
    };
  }

  /** Idempotent. Nothing is received any more; what was is sealed, and its account with it. */
  close(cause: string, atUs?: number): void {
    const { owner, journal } = this.#options;
    this.mailbox.close(cause, atUs);
    journal.accounted(owner.recordingId, owner.trackId, sealLedger(owner, this.ledger.snapshot()));
  }
}
