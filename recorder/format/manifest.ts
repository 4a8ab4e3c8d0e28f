import { createHash } from 'node:crypto';
import { decodeJson, manifest as manifestSchema } from './schemas.ts';
import type { Manifest } from './types.ts';

/** @returns UTF-8 JSON, the plaintext of the manifest object */
export function encodeManifest(manifest: Manifest): Buffer {
  return Buffer.from(JSON.stringify(manifest));
}

/** @throws FormatError */
export function decodeManifest(bytes: Uint8Array): Manifest {
  return decodeJson(manifestSchema, bytes, 'the manifest');
}

/** RFC 9162 section 2.1.1, with SHA-256. @param leaves the entries themselves; they are hashed here */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return createHash('sha256').update(LEAF).update(only).digest();
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return createHash('sha256')
    .update(NODE)
    .update(merkleRoot(leaves.slice(0, split)))
    .update(merkleRoot(leaves.slice(split)))
    .digest();
}

/** One byte before each kind of input, so that an inner node cannot be shown as a leaf. */
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
