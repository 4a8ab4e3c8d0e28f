/** The bytes are not what this format says: damaged, forged, of another version, or sealed with another key. */
export class FormatError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FormatError';
  }
}
