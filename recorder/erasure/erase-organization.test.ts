import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { audit, deadLetters, inOrganization, organizationDeletions, unscoped } from '@cratersync/db';
import { type MailServer, startMailServer } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import { deliverLetters } from '../letters/fixtures/deliver-letters.ts';
import { openRecording } from '../reader.ts';
import { StoreUnavailable } from '../store/object-store.ts';
import { DAY_MS, ErasureScene, OBJECTS, RECORDINGS, signer } from './fixtures/erasure-scene.ts';
import { openReceipt } from './receipt.ts';

describe('erasing an organization', () => {
  let scene: ErasureScene;
  beforeEach(async () => {
    scene = await ErasureScene.open();
  });
  afterEach(() => scene.close());

  const gone = { organizations: 1, organization_deletions: 1 };

  it('can be undone for as long as it has not begun, and not afterwards', async () => {
    expect(await scene.deleteIt()).to.equal(true);
    expect(await scene.deleteIt()).to.equal(false);
    expect(await scene.erase()).to.be.greaterThan(7 * DAY_MS - 60_000);
    expect(await scene.scoped(tx => organizationDeletions.undo(tx))).to.equal(true);
    expect(await scene.erase()).to.equal(null);
    expect(await scene.reads()).to.deep.equal(['opens', 'opens', 'opens']);
    await scene.deleteIt();
    await scene.setDue('-1 s');
    await scene.eraseWholly();
    expect(await scene.scoped(tx => organizationDeletions.undo(tx))).to.equal(false);
  });

  it('erases nothing early when a clock was set wrong for a while', async () => {
    await scene.deleteIt();
    await scene.setDue('-1 hour');
    expect(await scene.erase({ confirmMs: 60_000 })).to.equal(60_000);
    expect(await scene.erase({ confirmMs: 60_000 })).to.be.within(1, 60_000);
    await scene.setDue('5 hours');
    expect(await scene.erase()).to.be.within(4.9 * 3_600_000, 5 * 3_600_000);
    await scene.setDue('-1 hour');
    expect(await scene.erase({ confirmMs: 60_000 })).to.equal(60_000);
    expect(await scene.reads()).to.deep.equal(['opens', 'opens', 'opens']);
  });

  it('is not asked for while something is being recorded', async () => {
    await scene.db.owner.query(`UPDATE app.recordings SET state = 'draining' WHERE recording_id = $1`, [
      scene.recorded[1]?.recordingId,
    ]);
    expect(await scene.deleteIt().catch(error => error.message)).to.match(/Stop the recording in its studio/);
    const [state] = await scene.column('SELECT state FROM app.organizations WHERE organization_id = $1', [
      scene.tenant.organizationId,
    ]);
    expect([state, await scene.row()]).to.deep.equal(['active', null]);
  });

  it('leaves nothing of it in any table, nothing in the store, and everything of others', async () => {
    const before = await scene.rows(scene.others);
    // All but what only an organization that is being deleted has.
    const tables = (await scene.tables()).filter(table => table !== 'organization_deletions');
    expect(Object.keys(await scene.rows())).to.have.members(tables);
    await unscoped(scene.db.worker, async tx => {
      const dead = { address: 'a***@example.org', reason: 'used-up', words: '451', attempts: 25 } as const;
      for (const [index, { organizationId }] of [scene.tenant, scene.others].entries())
        await deadLetters.keep(tx, { ...dead, letterId: String(index), job: { organizationId } });
    });
    await scene.deleteIt();
    await scene.setDue('-1 s');
    await scene.eraseWholly();
    expect((await unscoped(scene.db.worker, deadLetters.all)).map(({ letterId }) => letterId)).to.deep.equal([
      1,
    ]);
    expect(await scene.rows()).to.deep.equal(gone);
    expect(await scene.rows(scene.others)).to.deep.equal(before);
    expect(await scene.objects()).to.equal(OBJECTS);
    expect((await openRecording(scene.store, scene.keys, scene.others)).manifest.recordingId).to.equal(
      scene.others.recordingId,
    );
    const { rows: left } = await scene.db.owner.query(
      `SELECT o.state, o.name, d.requested_by FROM app.organizations o JOIN app.organization_deletions d
       USING (organization_id)`,
    );
    expect(left).to.deep.equal([{ state: 'erased', name: 'Erased', requested_by: null }]);
  });

  it('mails a receipt that holds to whoever owned it', async () => {
    await scene.deleteIt();
    await scene.setDue('-1 s');
    await scene.eraseWholly();
    const receipt = (await scene.row())?.receipt ?? '';
    const told = openReceipt(receipt, signer.publicKey);
    const { organizationId } = scene.tenant;
    expect(told).to.deep.include({ what: 'organization', organizationId, objects: OBJECTS * RECORDINGS + 1 });
    expect(told).to.deep.include({
      // One was erased before; its row counts.
      recordings: RECORDINGS + 1,
      keys: [{ provider: 'local', keyId: organizationId, outcome: 'destroyed' }],
      absent: { sessionKeys: true, objects: true, rows: true },
    });
    expect(() => openReceipt(receipt.replace('13', '14'), signer.publicKey)).to.throw(/altered/);
    const mail: MailServer = await startMailServer();
    await deliverLetters(scene.db.workerUrl, mail.port);
    const [email] = await scene.column('SELECT email FROM app.accounts WHERE account_id = $1', [
      scene.tenant.accountId,
    ]);
    expect(mail.messages).to.have.lengthOf(1);
    expect(mail.messages[0]).to.contain(`To: ${email}`).and.to.contain('Moon Radio has been erased');
    const attached =
      /filename=erasure\.json[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(mail.messages[0] ?? '')?.[1] ?? '';
    const sent = Buffer.from(attached, 'base64').toString();
    expect(openReceipt(sent, signer.publicKey)).to.deep.equal(told);
    await mail.close();
  });

  it('keeps of the log what was done and the chain, for a year, and nothing of whom', async () => {
    const before = await scene.scoped(tx => audit.list(tx, {}, 100));
    expect(await scene.scoped(tx => audit.verify(tx))).to.include({ holds: true });
    await scene.deleteIt();
    await scene.setDue('-1 s');
    await scene.eraseWholly();
    const { rows: stones } = await scene.db.owner.query(
      'SELECT * FROM app.audit_tombstones ORDER BY tombstone_id',
    );
    expect(stones.slice(0, before.length).map(({ hash }) => hash)).to.deep.equal(
      before.toReversed().map(({ hash }) => hash),
    );
    expect(stones.at(-1)).to.include({ action: 'organization.erased', actor_kind: 'system' });
    const { rows: links } = await scene.db.owner.query('SELECT * FROM app.gone_links');
    expect(links.map(({ token_hash }) => token_hash)).to.deep.equal([scene.tenant.tokenHash]);
    const ids = [
      scene.tenant.organizationId,
      scene.tenant.accountId,
      scene.tenant.sessionId,
      scene.tenant.recordingId,
      scene.tenant.guestId,
    ];
    for (const id of ids) expect(JSON.stringify([stones, links])).not.to.contain(id);
    // The clock has to say twice that the year is over.
    const forget = () =>
      inOrganization(scene.db.worker, scene.tenant.organizationId, tx => organizationDeletions.forget(tx, 0));
    expect(await forget()).to.be.within(364 * DAY_MS, 367 * DAY_MS);
    await scene.db.owner.query(`UPDATE app.organization_deletions SET forget_after = now() - interval '1 s'`);
    await scene.db.owner.query(
      `UPDATE app.audit_tombstones SET keep_until = now() - interval '1 s' WHERE tombstone_id > 1`,
    );
    expect([await forget(), await forget(), await forget()]).to.deep.equal([0, null, null]);
    expect(await scene.rows()).to.deep.equal({});
    // One of somebody else, whose time is not over.
    expect((await scene.db.owner.query('SELECT FROM app.audit_tombstones')).rowCount).to.equal(1);
  });

  it('waits for the store, the key store and the database, and is not called done before', async () => {
    await scene.deleteIt();
    await scene.setDue('-1 s');
    const away = (method: string) =>
      new Proxy(scene.store, {
        get: (object, name) => {
          if (name === method) throw new StoreUnavailable('The store is away.');
          const value = Reflect.get(object, name) as unknown;
          return typeof value === 'function' ? value.bind(object) : value;
        },
      });
    await scene.erase();
    for (const method of ['traces', 'delete'])
      expect(await scene.erase({ store: away(method) }).catch(error => error.code), method).to.equal(
        'store_unavailable',
      );
    const sessions = join(scene.directory, 'keys', 'recordings');
    await rename(sessions, `${sessions}.away`);
    expect(await scene.erase().catch(error => error.name)).to.equal('KeysUnavailable');
    await rename(`${sessions}.away`, sessions);
    await scene.db.owner.query('ALTER ROLE cratersync_worker NOLOGIN');
    try {
      await scene.db.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cratersync_worker'`,
      );
      expect(await scene.erase().catch(error => error)).to.be.instanceOf(Error);
    } finally {
      await scene.db.owner.query('ALTER ROLE cratersync_worker LOGIN');
    }
    expect(await scene.row()).to.include({ finishedAt: null, receipt: null });
    await scene.eraseWholly();
    expect(await scene.rows()).to.deep.equal(gone);
  });

  it('lets the worker delete nothing of an organization that is not being erased', async () => {
    const refused = (table: string) =>
      scene
        .scoped(tx => tx.change(`DELETE FROM app.${table}`), scene.db.worker)
        .then(
          deleted => deleted,
          (error: Error) => error.message,
        );
    await scene.deleteIt();
    for (const table of ['audit_entries', 'memberships', 'recordings', 'api_tokens', 'organizations'])
      expect(await refused(table), table).to.equal(0);
    const byApp = (statement: string) =>
      scene.scoped(tx => tx.change(statement)).catch((error: Error) => error.message);
    expect(await byApp(`UPDATE app.organizations SET state = 'erased'`)).to.match(/row-level security/);
    for (const statement of ['SELECT FROM', 'DELETE FROM'])
      expect(await byApp(`${statement} app.audit_tombstones`)).to.match(/permission denied/);
  });
});
