import { Decrypter } from 'age-encryption';
import { openChunk, PAYLOAD_NONCE_BYTES, payloadKey, SEALED_CHUNK_BYTES } from '../age.ts';
import { ExportRefused } from './refused.ts';

/** What opens an age file. */
export type Unlock = { passphrase: string } | { identities: string[] };

/** Longer than any header: a few recipients, also of those that withstand quantum computers. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * The plaintext of an age file, as it comes. Nothing is given of a chunk that does not hold, and an end only where the whole
 * file ended well.
 * @throws ExportRefused
 */
export async function* decrypted(file: AsyncIterable<Buffer>, unlock: Unlock): AsyncGenerator<Buffer> {
  const bytes = new Bytes(file);
  const header = await headerOf(bytes);
  const fileKey = await fileKeyOf(header, unlock);
  const nonce = await bytes.take(PAYLOAD_NONCE_BYTES);
  const key = payloadKey(fileKey, nonce);
  for (let index = 0; ; index += 1) {
    const chunk = await bytes.take(SEALED_CHUNK_BYTES);
    const isLast = await bytes.isOver();
    const plaintext = opened(key, index, chunk, isLast);
    if (plaintext.length > 0) yield plaintext;
    if (isLast) return;
  }
}

function opened(key: Buffer, index: number, chunk: Buffer, isLast: boolean): Buffer {
  try {
    return openChunk(key, index, chunk, isLast);
  } catch {
    throw new ExportRefused(
      isLast
        ? 'The file does not end as it should: it is cut off, something stands behind it, or it was altered.'
        : `The file was altered, or damaged on its way, near byte ${index * SEALED_CHUNK_BYTES}.`,
    );
  }
}

/** Up to the line that ends it. */
async function headerOf(bytes: Bytes): Promise<Buffer> {
  const start = await bytes.peek(MAX_HEADER_BYTES);
  if (start.toString('latin1', 0, 10) === '-----BEGIN')
    throw new ExportRefused('That file is armored. Take the armor off first: age exports here have none.');
  if (!start.toString('latin1', 0, 20).startsWith('age-encryption.org/'))
    throw new ExportRefused('That is no encrypted export: it does not begin as an age file does.');
  const end = start.indexOf('\n', start.indexOf('\n--- ') + 1);
  if (start.indexOf('\n--- ') < 0 || end < 0)
    throw new ExportRefused('The file is cut off, or its beginning is damaged.');
  return bytes.take(end + 1);
}

async function fileKeyOf(header: Buffer, unlock: Unlock): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  if ('passphrase' in unlock) decrypter.addPassphrase(unlock.passphrase);
  else for (const identity of unlock.identities) decrypter.addIdentity(identity);
  const byPassphrase = header.includes('\n-> scrypt ') || header.includes('-> scrypt ');
  if (byPassphrase !== 'passphrase' in unlock)
    throw new ExportRefused(
      byPassphrase
        ? 'This export opens with a passphrase, not with a key.'
        : 'This export opens with a key: give the file with its identity (AGE-SECRET-KEY-…) by --identity.',
    );
  try {
    return await decrypter.decryptHeader(header);
  } catch {
    throw new ExportRefused(
      byPassphrase
        ? 'That passphrase does not open this export, or its beginning was altered.'
        : 'That key does not open this export, or its beginning was altered.',
    );
  }
}

/** A stream, taken as many bytes at a time as are wanted. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #ended = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fewer only at the end. */
  async take(wanted: number): Promise<Buffer> {
    const start = await this.peek(wanted);
    const taken = start.subarray(0, wanted);
    this.#bytes -= taken.length;
    this.#waiting[0] = start.subarray(taken.length);
    return taken;
  }

  /** At least so many, unless it ends before. Only where they lie in two pieces they are copied, and no more than they. */
  async peek(wanted: number): Promise<Buffer> {
    while (this.#bytes < wanted && !this.#ended) {
      const { done, value } = await this.#source.next();
      if (done === true) this.#ended = true;
      else {
        this.#waiting.push(value);
        this.#bytes += value.length;
      }
    }
    const joined: Buffer[] = [];
    for (let missing = wanted; missing > 0; ) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      if (piece.length === 0) continue;
      if (joined.length === 0 && piece.length >= wanted) {
        this.#waiting.unshift(piece);
        return piece;
      }
      joined.push(piece.subarray(0, missing));
      if (piece.length > missing) this.#waiting.unshift(piece.subarray(missing));
      missing -= piece.length;
    }
    const copied = Buffer.concat(joined);
    this.#waiting.unshift(copied);
    return copied;
  }

  async isOver(): Promise<boolean> {
    return (await this.peek(1)).length === 0;
  }
}
