/** Where a file is written to, front to back. */
export interface ByteSink {
  /** How many bytes have been written. */
  readonly position: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces bytes among the first 64 KiB, for sizes and sums that are known only at the end. */
  patch(offset: number, bytes: Uint8Array): void;
}
