import { randomUUID } from 'node:crypto';
import type { ParticipantId, TrackId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { NodeScene, newIds } from './fixtures/node-scene.ts';
import type { RecorderNodeOptions } from './recorder-node.ts';

type Where = Pick<RecorderNodeOptions, 'tapIp' | 'tapSrtp'>;

describe('what a recorder asks of its taps', () => {
  let scene: NodeScene | null = null;
  afterEach(async () => {
    await scene?.close();
    scene = null;
  });

  /** Opens a track at a recorder there, and starts it with plain RTP. */
  async function plainTap(where: Where) {
    scene = await NodeScene.open(where);
    const { handlers } = scene.node;
    const ids = newIds();
    await handlers['recording.open'](ids);
    const ofTrack = { recordingId: ids.recordingId, trackId: randomUUID() as TrackId };
    const participantId = randomUUID() as ParticipantId;
    const asked = { ...ofTrack, participantId, source: 'mic', kind: 'audio' } as const;
    const { srtp } = await handlers['track.open'](asked);
    const tap = await scene.newTap(7);
    try {
      await handlers['track.start']({ ...ofTrack, ...tap.describe(), held: 'open' });
      return { srtp, refused: null };
    } catch (error) {
      return { srtp, refused: error instanceof Error ? error.message : String(error) };
    }
  }

  it('is plain RTP where it does not leave the machine', async () => {
    expect(await plainTap({ tapIp: '127.0.0.1' })).to.deep.equal({ srtp: null, refused: null });
  });

  const secured: Where[] = [
    // An address that is not loopback, and that every machine has.
    { tapIp: '0.0.0.0' },
    { tapIp: '0.0.0.0', tapSrtp: 'auto' },
    { tapIp: '127.0.0.1', tapSrtp: 'always' },
  ];
  for (const where of secured)
    it(`is SRTP and nothing else with ${JSON.stringify(where)}`, async () => {
      const { srtp, refused } = await plainTap(where);
      expect(srtp?.cryptoSuite).to.equal('AEAD_AES_256_GCM');
      expect(Buffer.from(srtp?.keyBase64 ?? '', 'base64')).to.have.length(44);
      expect(refused).to.match(/must be SRTP/);
    });
});
