import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Signer } from '@cratersync/infra/runtime';
import { type Erasure, receiptOf } from '@cratersync/recorder/erasure';
import { expect } from 'chai';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { receipt } from './receipt.ts';

describe('cratersync receipt', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-receipt-'));
  });
  after(() => rm(directory, { recursive: true }));

  const run = (...args: string[]) => ran(receipt, args);

  it('tells a genuine one from one that is not', async () => {
    const signer = new Signer('a key that only this installation has');
    const recordingId = randomUUID();
    const at = new Date().toISOString();
    const text = receiptOf(
      {
        ...{ what: 'recording', organizationId: randomUUID(), sessionId: randomUUID() },
        ...{ recordingId, keyId: recordingId, requestedAt: at, keyDestroyedAt: at, finishedAt: at },
        ...{ objects: 12, absent: { key: true, objects: true } },
      } as Erasure,
      signer,
    );
    const file = join(directory, 'receipt.json');
    await writeFile(file, text);
    const genuine = await run('verify', file, '--key', signer.publicKey);
    expect(genuine.code).to.equal(exitCodes.holds);
    expect(genuine.out).to.contain(recordingId).and.to.contain('12 objects');
    const json = JSON.parse((await run('verify', file, '--key', signer.publicKey, '--json')).out);
    expect(json).to.deep.include({ holds: true }).and.to.have.nested.property('erasure.objects', 12);
    await writeFile(file, text.replace('12', '13'));
    const altered = await run('verify', file, '--key', signer.publicKey);
    expect(altered.code).to.equal(exitCodes.doesNotHold);
    expect(altered.out).to.match(/^NOT GENUINE: .*altered/);
  });

  it('says of an organization what became of its keys', async () => {
    const signer = new Signer('a key that only this installation has');
    const at = new Date().toISOString();
    const keys = [
      { provider: 'local', keyId: 'its-own', outcome: 'destroyed' },
      { provider: 'aws-kms', keyId: 'arn:everybodys', outcome: 'shared' },
    ];
    const organizationId = randomUUID();
    const done = {
      ...{ what: 'organization', organizationId, keys, recordings: 3, objects: 40 },
      ...{ requestedAt: at, keysDestroyedAt: at, finishedAt: at },
      absent: { sessionKeys: true, objects: true, rows: true },
    } as Erasure;
    const file = join(directory, 'organization.json');
    await writeFile(file, receiptOf(done, signer));
    const { code, out } = await run('verify', file, '--key', signer.publicKey);
    expect(code).to.equal(exitCodes.holds);
    expect(out).to.contain(organizationId).and.to.contain('40 objects of its 3 recordings');
    expect(out).to.contain('its-own was destroyed').and.to.contain('arn:everybodys is not its alone');
  });

  it('asks for what is missing', async () => {
    for (const args of [[], ['verify'], ['verify', 'x'], ['verify', join(directory, 'absent'), '--key', 'k']])
      expect(await run(...args).catch(error => error)).to.be.instanceOf(UsageError);
  });
});
