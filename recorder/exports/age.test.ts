import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { AGE_CHUNK_BYTES, beginAge, payloadKey, SEALED_CHUNK_BYTES, sealChunk } from './age.ts';
import { noise } from './fixtures/noise.ts';
import { decrypted } from './open/decrypt.ts';
import { ExportRefused } from './open/refused.ts';

const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
/** At the edges of chunks. */
const sizes = [1, AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, 2 * AGE_CHUNK_BYTES, 200_001];

describe('age files', () => {
  const opened = async (file: Uint8Array) =>
    buffer(decrypted(pieces(Buffer.from(file)), { identities: [identity] }) as never);

  it('that we write are opened by the package, and those that the package writes by us, at every edge', async () => {
    for (const size of sizes) {
      const plaintext = noise(size);
      const { head, fileKey } = await beginAge({ recipient });
      const key = payloadKey(fileKey, head);
      const chunks = Array.from({ length: Math.ceil(size / AGE_CHUNK_BYTES) }, (_, index) => {
        const start = index * AGE_CHUNK_BYTES;
        const isLast = start + AGE_CHUNK_BYTES >= size;
        return Buffer.concat(
          sealChunk(key, index, plaintext.subarray(start, start + AGE_CHUNK_BYTES), isLast),
        );
      });
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      expect(plaintext.equals(await decrypter.decrypt(Buffer.concat([head, ...chunks]))), `${size}`).to.equal(
        true,
      );
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      expect(plaintext.equals(await opened(await encrypter.encrypt(plaintext))), `${size}`).to.equal(true);
    }
  });

  it('that the program age writes are opened by us, at every edge', async () => {
    for (const size of sizes) {
      const plaintext = noise(size);
      const age = spawn('age', ['-r', recipient], { stdio: ['pipe', 'pipe', 'inherit'] });
      age.stdin.end(plaintext);
      expect(plaintext.equals(await opened(await buffer(age.stdout))), `${size}`).to.equal(true);
    }
  });

  it('by a passphrase are opened by the package', async () => {
    const { head, fileKey } = await beginAge({ passphrase: 'seven words' });
    const file = Buffer.concat([head, ...sealChunk(payloadKey(fileKey, head), 0, Buffer.from('text'), true)]);
    const decrypter = new Decrypter();
    decrypter.addPassphrase('seven words');
    expect(await decrypter.decrypt(file, 'text')).to.equal('text');
  }).timeout(30_000);

  it('whose chunks were left out, doubled, changed places or were altered, are refused', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const file = Buffer.from(await encrypter.encrypt(noise(3 * AGE_CHUNK_BYTES)));
    const start = file.length - 3 * SEALED_CHUNK_BYTES;
    const [head, first, second, third] = [
      file.subarray(0, start),
      ...[0, 1, 2].map(n =>
        file.subarray(start + n * SEALED_CHUNK_BYTES, start + (n + 1) * SEALED_CHUNK_BYTES),
      ),
    ] as [Buffer, Buffer, Buffer, Buffer];
    const altered = Buffer.from(file);
    altered[start + 70_000] = (altered[start + 70_000] ?? 0) ^ 1;
    const wrong = {
      'the last left out': [head, first, second],
      'the first left out': [head, second, third],
      doubled: [head, first, first, second, third],
      'out of order': [head, second, first, third],
      altered: [altered],
      'nothing but the head': [head],
      'half a head': [head.subarray(0, 40)],
    };
    for (const [what, parts] of Object.entries(wrong)) {
      const error = await opened(Buffer.concat(parts)).catch((thrown: unknown) => thrown);
      expect(error, what).to.be.instanceOf(ExportRefused);
    }
  });
});

/** As a file is read: in pieces that have nothing to do with chunks. */
async function* pieces(file: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < file.length; start += 10_007) yield file.subarray(start, start + 10_007);
}
