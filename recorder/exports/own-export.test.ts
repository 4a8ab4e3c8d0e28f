import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { audit, inOrganization, markers, memberships, participants } from '@cratersync/db';
import { createTenant } from '@cratersync/db/testing';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { KeysUnavailable } from '../keys/index.ts';
import { openStore } from '../store/index.ts';
import { ExportScene, noise } from './fixtures/export-scene.ts';
import { openExport } from './open/index.ts';
import type { ExportPlace } from './place.ts';

describe('an export of one’s own data', function () {
  this.timeout(60_000);
  let scene: ExportScene;
  before(async () => {
    scene = await ExportScene.open();
  });
  after(() => scene.close());

  it('has one’s own places, tracks, markers and doings in every organization, also one that was left, and nobody else’s', async () => {
    const { organizationId, sessionId, accountId, guestId } = scene.tenant;
    const other = await createTenant(scene.db);
    const own = (await participantOf(other.accountId, 'Ada')).participantId;
    const flac = noise(5000);
    const recordingId = await scene.record({ flac }, [own, guestId]);
    await inOrganization(scene.db.app, organizationId, async tx => {
      const marker = { atMs: 1, madeBy: 'Ada' };
      await markers.insert(tx, recordingId, { ...marker, name: 'Said by Ada' }, other.accountId);
      await markers.insert(tx, recordingId, { ...marker, name: 'Said by another Ada' }, accountId);
      for (const actor of [other.accountId, accountId])
        await audit.append(tx, {
          actor: { kind: 'account', id: actor },
          ...{ action: 'session.renamed', target: { kind: 'session', id: sessionId } },
          ...{ details: {}, address: '192.0.2.1', requestId: '' },
        });
      await memberships.begin(tx, other.accountId, 'member');
      await memberships.end(tx, other.accountId);
    });
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const place = await scene.order('stems', { recipient }, other.accountId);
    expect(await scene.write(place)).to.equal(null);
    expect(await scene.row(place)).to.deep.include({ state: 'ready', secret: null });
    const file = await scene.download(place);
    const { folder } = await openExport(
      file,
      { identities: [identity] },
      { to: join(scene.directory, 'own') },
    );

    const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
    const account = await read('account.json');
    expect(account.account.accountId).to.equal(other.accountId);
    expect(
      account.memberships.map((each: { organizationId: string }) => each.organizationId),
    ).to.have.members([...[organizationId, other.organizationId]]);
    const session = await read(`sessions/${sessionId}.json`);
    expect(session.participants.map((each: { displayName: string }) => each.displayName)).to.deep.equal([
      'Ada',
    ]);
    const ofRecording = session.recordings.find(
      (each: { recordingId: string }) => each.recordingId === recordingId,
    );
    expect(ofRecording.markers.map((each: { name: string }) => each.name)).to.deep.equal(['Said by Ada']);
    const lines = (await readFile(join(folder, 'audit/000001.jsonl'), 'utf8')).trim().split('\n');
    const done = lines.map(line => JSON.parse(line));
    expect(done.map(each => each.action)).to.deep.equal(['organization.created', 'session.renamed']);
    const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.flac'));
    expect(names).to.deep.equal([`recordings/2026-03-01-${recordingId}/01-ada-mic.flac`]);
    expect((await readFile(join(folder, names[0] ?? ''))).equals(flac)).to.equal(true);
    const all = await Promise.all(
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter(entry => entry.isFile())
        .map(entry => readFile(join(entry.parentPath, entry.name))),
    );
    for (const bytes of all) expect(bytes.includes('Zoë')).to.equal(false);
  });

  it('names what another region keeps, and goes on where it was begun', async () => {
    const { accountId } = await createTenant(scene.db);
    // Of the organizations that tests have.
    const region = 'ca';
    const own = (await participantOf(accountId, 'Ada')).participantId;
    const recordingId = await scene.record({ flac: noise(5000) }, [own]);
    const identity = await generateIdentity();
    const lock = { recipient: await identityToRecipient(identity) };
    const openIt = async (place: ExportPlace) => {
      const to = join(scene.directory, `opened-${place.exportId}`);
      return openExport(await scene.download(place), { identities: [identity] }, { to });
    };
    const elsewhere = await scene.order('stems', lock, accountId);
    expect(await scene.write(elsewhere, { region: 'fr' })).to.equal(null);
    expect((await openIt(elsewhere)).leftOut).to.deep.equal([
      { recordingId, reason: `it is kept in another region (${region})` },
    ]);
    const place = await scene.order('stems', lock, accountId);
    const keys = { ...scene.keys, sessionKey: () => Promise.reject(new KeysUnavailable('away')) };
    expect(await scene.write(place, { region, keys }).catch(error => error)).to.be.instanceOf(
      KeysUnavailable,
    );
    const store = await openStore({ DATA_DIR: join(scene.directory, 'fr') });
    expect(await scene.write(place, { region: 'fr', store })).to.equal(30_000);
    expect((await scene.row(place))?.note).to.match(/begun in another region/);
    await store.close();
    expect(await scene.write(place, { region })).to.equal(null);
    expect((await openIt(place)).leftOut).to.deep.equal([]);
  });

  const participantOf = (accountId: typeof scene.tenant.accountId, displayName: string) => {
    const { organizationId, sessionId } = scene.tenant;
    const seat = {
      sessionId,
      accountId,
      role: 'host',
      displayName,
      credentialHash: randomBytes(32),
    } as const;
    return inOrganization(scene.db.app, organizationId, tx => participants.seatMember(tx, seat));
  };
});
