import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { organizationId, recordingId, sessionId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { KmsServer, useKmsCredentials } from '../../test/support/kms-server.ts';
import { openKeys, type SessionKeys } from './index.ts';

const DAY_MS = 24 * 3_600_000;
const newContext = () => ({
  organizationId: organizationId.parse(randomUUID()),
  sessionId: sessionId.parse(randomUUID()),
});
const newRecording = () => recordingId.parse(randomUUID());
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it worked',
    (error: Error) => error.message,
  );

describe('a key in AWS KMS for each organization', () => {
  useKmsCredentials();
  let kms: KmsServer;
  let directory: string;
  let keys: SessionKeys;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-kms-'));
    kms = await KmsServer.start();
    keys = await open('organization');
  });
  afterEach(() => Promise.all([kms.close(), rm(directory, { recursive: true })]));

  const open = (AWS_KMS_KEYS: 'organization' | 'shared', AWS_KMS_KEY_ID?: string) =>
    openKeys({
      ...{ DATA_DIR: directory, KEY_PROVIDER: 'aws-kms', AWS_KMS_KEYS, AWS_KMS_KEY_ID },
      ...{ AWS_KMS_REGION: 'ca-central-1', AWS_KMS_ENDPOINT: kms.url },
    });

  it('is made when it first records, once, and locks for nobody else', async () => {
    const before = kms.living;
    const [context, others] = [newContext(), newContext()];
    const recordings = [1, 2, 3, 4].map(newRecording);
    const made = await Promise.all(recordings.map(each => keys.createSessionKey(context, each)));
    await keys.createSessionKey(others, newRecording());
    expect(kms.living).to.equal(before + 2);
    const reopened = await open('organization');
    for (const [index, each] of recordings.entries())
      expect(await reopened.sessionKey(context, each)).to.deep.equal(made[index]);
    const wrong = { ...others, sessionId: context.sessionId };
    const [first = newRecording()] = recordings;
    expect(await failure(keys.sessionKey(wrong, first))).to.match(/belongs to another organization/);
    await keys.check(newContext());
  });

  it('takes over what was locked by a shared one, within KMS', async () => {
    const [context, recording] = [newContext(), newRecording()];
    const shared = await open('shared', kms.keyId);
    const key = await shared.createSessionKey(context, recording);
    expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
    const target = await keys.target(context.organizationId, null);
    expect(await keys.rewrap(context, recording, target)).to.equal('rewrapped');
    expect(await keys.rewrap(context, recording, target)).to.equal('current');
    expect(kms.asked['TrentService.ReEncrypt']).to.equal(1);
    kms.state = 'Disabled';
    expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
  });

  it('opens nothing from when its deletion is scheduled, and everything when it is kept', async () => {
    const [context, recording, others, theirs] = [newContext(), newRecording(), newContext(), newRecording()];
    const key = await keys.createSessionKey(context, recording);
    const theirKey = await keys.createSessionKey(others, theirs);
    const { organizationId: id } = context;
    const scheduled = await keys.scheduleOrganizationKey(id);
    const inDays = ((scheduled?.deletedAfter.getTime() ?? 0) - Date.now()) / DAY_MS;
    expect(inDays).to.be.closeTo(7, 0.01);
    expect(await keys.scheduleOrganizationKey(id)).to.deep.equal(scheduled);
    expect(await failure(keys.sessionKey(context, recording))).to.match(/deletion is scheduled/);
    expect(await keys.sessionKey(others, theirs)).to.deep.equal(theirKey);
    await keys.keepOrganizationKey(id);
    expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
    // As whoever was killed between the two steps of that leaves it.
    kms.key(scheduled?.keyId).state = 'Disabled';
    await keys.keepOrganizationKey(id);
    await keys.keepOrganizationKey(id);
    expect(await keys.sessionKey(context, recording)).to.deep.equal(key);
  });

  it('goes with the organization, and says when; who never recorded has none', async () => {
    const [context, recording] = [newContext(), newRecording()];
    await keys.createSessionKey(context, recording);
    const { organizationId: id } = context;
    const scheduled = await keys.scheduleOrganizationKey(id);
    const deletedAfter = scheduled?.deletedAfter.toISOString();
    const { keyId = '' } = scheduled ?? {};
    for (let time = 0; time < 2; time += 1)
      expect(await keys.destroyOrganizationKey(id)).to.deep.equal([
        { provider: 'aws-kms', keyId, outcome: 'scheduled', deletedAfter },
      ]);
    kms.deleteNow(keyId);
    const alias = `alias/cratersync/${id}`;
    const gone = [{ provider: 'aws-kms', keyId: alias, outcome: 'destroyed' }];
    expect(await keys.destroyOrganizationKey(id)).to.deep.equal(gone);
    expect(await failure(keys.sessionKey(context, recording))).to.match(/does not exist/);
    const { living } = kms;
    expect(await keys.scheduleOrganizationKey(newContext().organizationId)).to.equal(null);
    await keys.keepOrganizationKey(newContext().organizationId);
    expect(kms.living).to.equal(living);
  });

  it('that we are not let make, or delete, is said, with what to do', async () => {
    kms.forbidden.add('CreateKey');
    const [context, recording] = [newContext(), newRecording()];
    expect(await failure(keys.createSessionKey(context, recording))).to.match(/does not let us make.*policy/);
    kms.forbidden.clear();
    await keys.createSessionKey(context, recording);
    // A recorder need not be let delete any.
    kms.forbidden.add('ScheduleKeyDeletion');
    const another = newContext();
    await Promise.all([1, 2, 3].map(() => keys.createSessionKey(another, newRecording())));
    expect(await failure(keys.destroyOrganizationKey(context.organizationId))).to.match(
      /delete keys.*policy/,
    );
    expect(
      await failure(openKeys({ DATA_DIR: directory, KEY_PROVIDER: 'aws-kms', AWS_KMS_KEYS: 'organization' })),
    ).to.match(/set AWS_KMS_REGION$/);
  });
});
