import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AccountId,
  exportId as asExportId,
  organizationId as asOrganizationId,
  recordingId as asRecordingId,
  trackId as asTrackId,
  webhookId as asWebhookId,
  type DeliveryId,
  type ExportId,
  type InvitationId,
  type NoticeId,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  type RenderId,
  type SessionId,
  type ShareId,
  type StemId,
  type TokenId,
  type WebhookId,
} from '@cratersync/signaling/protocol';
import * as accounts from './accounts.ts';
import * as apiTokens from './api-tokens.ts';
import * as audit from './audit.ts';
import * as customerKeys from './customer-keys.ts';
import { asAccount, inOrganization, unscoped } from './database.ts';
import * as deletions from './deletions.ts';
import * as exports from './exports.ts';
import * as idempotency from './idempotency.ts';
import * as invitations from './invitations.ts';
import * as markers from './markers.ts';
import * as memberInvitations from './member-invitations.ts';
import * as memberships from './memberships.ts';
import * as notices from './notices.ts';
import * as organizations from './organizations.ts';
import * as participants from './participants.ts';
import * as recordings from './recordings.ts';
import * as renders from './renders.ts';
import * as sessions from './sessions.ts';
import * as shares from './shares.ts';
import * as stems from './stems.ts';
import * as subscriptions from './subscriptions.ts';
import type { TestDatabase } from './testing.ts';
import * as webhooks from './webhooks.ts';

/** An organization with at least one row in every tenant table, made by the application's own queries. */
export interface Tenant {
  accountId: AccountId;
  organizationId: OrganizationId;
  sessionId: SessionId;
  invitationId: InvitationId;
  tokenHash: Buffer;
  memberTokenHash: Buffer;
  guestId: ParticipantId;
  credentialHash: Buffer;
  recordingId: RecordingId;
  stemId: StemId;
  renderId: RenderId;
  apiTokenHash: Buffer;
  tokenId: TokenId;
  webhookId: WebhookId;
  shareId: ShareId;
  shareHash: Buffer;
  deliveryId: DeliveryId;
  /** Of another recording, which is erased. */
  deletionId: RecordingId;
  exportId: ExportId;
  /** Of the account. */
  ownExportId: ExportId;
}

export async function createTenant(test: TestDatabase): Promise<Tenant> {
  const organizationId = asOrganizationId.parse(randomUUID());
  const recordingId = asRecordingId.parse(randomUUID());
  const [tokenHash, credentialHash] = [randomBytes(32), randomBytes(32)];
  const newAccount = () => unscoped(test.app, tx => accounts.findOrCreate(tx, `${randomUUID()}@example.org`));
  const { accountId } = await newAccount();
  const left = await newAccount();
  const made = await inOrganization(test.app, organizationId, async tx => {
    await organizations.create(tx, { name: 'Moon Radio', region: 'ca', ownerId: accountId });
    // Was a member twice, and is none.
    for (let time = 0; time < 2; time += 1) {
      await memberships.begin(tx, left.accountId, 'member');
      await memberships.end(tx, left.accountId);
    }
    const memberTokenHash = randomBytes(32);
    await customerKeys.want(tx, {
      keyArn: 'arn:aws:kms:ca-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      roleArn: null,
    });
    await memberInvitations.replace(tx, {
      email: 'ada@example.org',
      role: 'member',
      tokenHash: memberTokenHash,
      invitedBy: accountId,
      lifetimeMs: 60_000,
    });
    await audit.append(tx, {
      actor: { kind: 'account', id: accountId },
      action: 'organization.created',
      target: { kind: 'organization', id: organizationId },
      details: {},
      address: '',
      requestId: '',
    });
    const { sessionId } = await sessions.create(tx, { title: 'Episode 1', createdBy: accountId });
    const lifetimeMs = 60_000;
    const invitation = await invitations.create(tx, {
      sessionId,
      tokenHash,
      createdBy: accountId,
      lifetimeMs,
    });
    const { invitationId } = invitation;
    const { participantId: guestId } = await participants.seatGuest(tx, {
      sessionId,
      invitationId,
      displayName: 'Zoë Müller',
      credentialHash,
    });
    await recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() });
    await markers.insert(tx, recordingId, { atMs: 500, name: 'Good line', madeBy: 'Zoë Müller' }, null);
    await recordings.finalize(tx, {
      recordingId,
      durationMs: 1234.5,
      manifestKey: `recordings/${recordingId}/manifest`,
      merkleRoot: 'ab'.repeat(32),
      tracks: [
        { trackId: asTrackId.parse(randomUUID()), participantId: guestId, source: 'mic' },
        { trackId: asTrackId.parse(randomUUID()), participantId: guestId, source: 'mic' },
        { trackId: asTrackId.parse(randomUUID()), participantId: guestId, source: 'camera' },
      ],
    });
    return { sessionId, invitationId, guestId, memberTokenHash };
  });
  const stemId = await inOrganization(test.worker, organizationId, async tx => {
    const [stem] = await stems.ofRecording(tx, recordingId);
    if (stem === undefined) throw new Error('a finalized recording has no stem');
    const files = [{ format: 'wav', objectKey: 'key', bytes: 44 }] as const;
    await stems.setFiles(tx, stem.stemId, { durationMs: 1234, files });
    return stem.stemId;
  });
  const renderId = await insertRender(test, organizationId, recordingId, stemId);
  const deletionId = await insertDeletion(test, organizationId, { ...made, accountId });
  const shareHash = randomBytes(32);
  const { shareId } = await inOrganization(test.app, organizationId, tx => {
    const link = {
      name: 'Björn, editor',
      contents: 'all',
      tokenHash: shareHash,
      lifetimeMs: 60_000,
    } as const;
    return shares.create(tx, { ...link, recordingId, createdBy: accountId });
  });
  await insertNotice(test, organizationId, accountId);
  const integrations = await insertIntegrations(test, organizationId, accountId);
  const exported = await insertExports(test, organizationId, accountId);
  return {
    ...{ accountId, organizationId, tokenHash, credentialHash, recordingId, stemId, renderId, deletionId },
    ...{ shareId, shareHash },
    ...made,
    ...integrations,
    ...exported,
  };
}

/** Something was announced, and the owner has taken note. */
async function insertNotice(test: TestDatabase, organizationId: OrganizationId, accountId: AccountId) {
  const { rows } = await test.owner.query<{ id: NoticeId }>(
    `INSERT INTO app.notices (kind, version, effective_at, title_en, text_en, title_fr, text_fr)
     SELECT 'terms', coalesce(max(version), 0) + 1, now() + interval '31 days', 'New terms', 'More.', 'CGU', 'Plus.'
     FROM app.notices WHERE kind = 'terms' RETURNING notice_id AS id`,
  );
  const [notice] = rows;
  if (notice === undefined) throw new Error('no notice was made');
  await inOrganization(test.app, organizationId, tx => notices.acknowledge(tx, notice.id, accountId));
}

/** An export of the organization, and the owner's own: both lie ready. */
async function insertExports(test: TestDatabase, organizationId: OrganizationId, accountId: AccountId) {
  const [exportId, ownExportId] = [asExportId.parse(randomUUID()), asExportId.parse(randomUUID())];
  const order = (id: ExportId) => (tx: exports.ExportTx) =>
    exports.order(tx, {
      ...{ exportId: id, what: 'stems', lockedBy: 'passphrase', orderedBy: accountId },
      secret: randomBytes(60),
    });
  const write = (id: ExportId) => async (tx: exports.ExportTx) => {
    const turn = { exportId: id, turn: (await exports.begin(tx, id))?.beganAt.length ?? 0 };
    await exports.prepared(tx, turn, { head: randomBytes(100), secret: randomBytes(60), allSteps: 1 });
    await exports.finish(tx, turn, { bytes: 100, leftOut: 0, lifetimeMs: 7 * 24 * 3_600_000 });
  };
  await inOrganization(test.app, organizationId, order(exportId));
  await inOrganization(test.worker, organizationId, write(exportId));
  await asAccount(test.app, accountId, order(ownExportId));
  await asAccount(test.worker, accountId, write(ownExportId));
  return { exportId, ownExportId };
}

/** An API token, a webhook with a message, and a request that may be sent twice. */
async function insertIntegrations(test: TestDatabase, organizationId: OrganizationId, accountId: AccountId) {
  const apiTokenHash = randomBytes(32);
  const webhookId = asWebhookId.parse(randomUUID());
  return inOrganization(test.app, organizationId, async tx => {
    const { tokenId } = await apiTokens.create(tx, {
      name: 'Editor',
      hint: 'abcd',
      tokenHash: apiTokenHash,
      scopes: ['sessions:read'],
      createdBy: accountId,
      lifetimeMs: 60_000,
    });
    const url = 'https://example.org/hook';
    const events = ['recording.complete'] as const;
    const secretSealed = randomBytes(60);
    await webhooks.create(tx, { webhookId, url, events, secretSealed, createdBy: accountId });
    const deliveryId = await webhooks.send(tx, webhookId, 'webhook.test', { organizationId });
    const [keyHash, requestHash] = [randomBytes(32), randomBytes(32)];
    await idempotency.begin(tx, { actorId: accountId, keyHash, requestHash });
    await subscriptions.hold(tx);
    return { apiTokenHash, tokenId, webhookId, deliveryId };
  });
}

/** A recording that was deleted, and is erased. */
async function insertDeletion(
  test: TestDatabase,
  organizationId: OrganizationId,
  { sessionId, accountId }: { sessionId: SessionId; accountId: AccountId },
): Promise<RecordingId> {
  const recordingId = asRecordingId.parse(randomUUID());
  await inOrganization(test.app, organizationId, async tx => {
    await recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() });
    await recordings.advance(tx, recordingId, 'incomplete');
    await deletions.request(tx, recordingId, { requestedBy: accountId, graceMs: 0 });
  });
  await inOrganization(test.worker, organizationId, async tx => {
    while ((await deletions.begin(tx, recordingId, 0)) !== 'begun');
    await deletions.keyDestroyed(tx, recordingId);
    await deletions.counted(tx, recordingId, 0);
    const receipt = { version: 1, erasure: '{}', publicKey: '', signature: '' };
    await deletions.finish(tx, recordingId, { finishedAt: new Date(), receipt: JSON.stringify(receipt) });
  });
  return recordingId;
}

/** An MP3 that somebody has ordered, and that is there. */
async function insertRender(
  test: TestDatabase,
  organizationId: OrganizationId,
  recordingId: RecordingId,
  stemId: StemId,
): Promise<RenderId> {
  const { renderId } = await inOrganization(test.app, organizationId, tx =>
    tx.one<{ renderId: RenderId }>(
      `INSERT INTO app.renders (recording_id, stem_id, format) VALUES ($1, $2, 'mp3')
       RETURNING render_id AS "renderId"`,
      [recordingId, stemId],
    ),
  );
  await inOrganization(test.worker, organizationId, async tx => {
    await renders.advance(tx, renderId, 'rendering');
    await renders.setReady(tx, renderId, { objectKey: 'key', bytes: 44, note: null });
  });
  return renderId;
}
