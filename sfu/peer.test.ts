import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import type { ParticipantId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { MediaTap, openMedia } from '../test/support/media-tap.ts';
import { senderReport, vp8Source } from '../test/support/rtp.ts';
import { Peer } from './peer.ts';

describe('a picture in the size that somebody wants', function () {
  this.timeout(30_000);
  let media: Awaited<ReturnType<typeof openMedia>>;
  let sink: Socket;
  let tap: MediaTap;
  let viewer: Peer;
  let transportId: string;

  beforeEach(async () => {
    media = await openMedia();
    sink = createSocket('udp4').bind(0, '127.0.0.1');
    await once(sink, 'listening');
    viewer = new Peer('viewer' as ParticipantId, () => {});
    ({ transportId } = await viewer.createTransport(media.router, media.server, 'receive'));
  });
  afterEach(() => {
    tap.close();
    viewer.close();
    sink.close();
    media.close();
  });

  const publish = (kind: 'audio' | 'video', ssrc: number | number[], payloadType: number) =>
    MediaTap.open(media.router, { kind, ssrc, payloadType }, { port: sink.address().port });
  const watch = async () => {
    const consumer = await viewer.openConsumer(transportId, tap.producerId, media.router.rtpCapabilities);
    await consumer.resume();
    return consumer;
  };

  it('is what they are sent, or nothing while they do not see it; the recorder gets the largest all the time', async () => {
    const ssrcs = [21, 22];
    tap = await publish('video', ssrcs, 101);
    const sources = ssrcs.map(ssrc => vp8Source({ ssrc, payloadType: 101 }));
    let frames = 0;
    const sendUntil = async (holds: () => boolean) => {
      for await (const _ of setInterval(20)) {
        const at = { ntpUs: 3.9e15 + frames * 33_333, rtpTimestamp: frames * 3000, packetCount: frames * 6 };
        for (const [i, source] of sources.entries()) {
          if (frames % 10 === 0) await tap.send(senderReport({ ssrc: ssrcs[i] ?? 0, ...at }));
          await tap.publish(source.next());
        }
        frames += 1;
        if (holds()) return;
      }
    };
    await tap.start();
    await sendUntil(() => tap.tap.layers?.spatial === 1);
    const told: unknown[] = [];
    tap.tap.onLayers(() => told.push(tap.tap.layers));
    const consumer = await watch();
    for (const [layer, expected] of [
      [0, { paused: false, spatial: 0 }],
      [null, { paused: true, spatial: 0 }],
      // There are but two.
      [2, { paused: false, spatial: 1 }],
    ] as const) {
      await viewer.prefer(consumer.id, layer);
      const { paused, preferredLayers } = consumer;
      expect({ paused, spatial: preferredLayers?.spatialLayer }).to.deep.equal(expected);
      const until = frames + 20;
      await sendUntil(() => frames === until);
    }
    expect(tap.tap.layers?.spatial).to.equal(1);
    expect(told).to.deep.equal([]);
  });

  it('has nothing to do with sound', async () => {
    tap = await publish('audio', 5, 100);
    const consumer = await watch();
    const refused = await viewer.prefer(consumer.id, null).catch((error: Error) => error.message);
    expect(refused).to.match(/only a picture has sizes/);
    expect(consumer.paused).to.equal(false);
  });
});
