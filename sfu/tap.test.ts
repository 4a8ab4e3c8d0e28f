import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import type { MediaLayers } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { MediaTap, openMedia } from '../test/support/media-tap.ts';
import { opusSource, senderReport, vp8Source } from '../test/support/rtp.ts';

describe('a tap', function () {
  this.timeout(30_000);
  let media: Awaited<ReturnType<typeof openMedia>>;
  /** Where taps lead to; nobody listens to what comes. */
  let sink: Socket;
  let tap: MediaTap | null = null;

  beforeEach(async () => {
    media = await openMedia();
    sink = createSocket('udp4').bind(0, '127.0.0.1');
    await once(sink, 'listening');
  });
  afterEach(() => {
    tap?.close();
    tap = null;
    sink.close();
    media.close();
  });

  it('tells which simulcast layer it carries, whenever that changes', async () => {
    const ssrcs = [21, 22];
    const opened = await MediaTap.open(
      media.router,
      { kind: 'video', ssrc: ssrcs, payloadType: 101 },
      { port: sink.address().port },
    );
    tap = opened;
    const told: (MediaLayers | null)[] = [];
    opened.tap.onLayers(() => told.push(opened.tap.layers));
    await opened.start();
    const sources = ssrcs.map(ssrc => vp8Source({ ssrc, payloadType: 101 }));
    let frames = 0;
    const until = async (layers: number, spatial: number) => {
      for await (const _ of setInterval(20)) {
        // Layers are aligned by their Sender Reports: a frame was captured at the same instant in both.
        const at = { ntpUs: 3.9e15 + frames * 33_333, rtpTimestamp: frames * 3000, packetCount: frames * 6 };
        for (const [i, source] of sources.slice(0, layers).entries()) {
          if (frames % 10 === 0) await opened.send(senderReport({ ssrc: ssrcs[i] ?? 0, ...at }));
          await opened.publish(source.next());
        }
        frames += 1;
        if (told.at(-1)?.spatial === spatial) return;
      }
    };
    await until(1, 0);
    expect(told.at(-1)).to.deep.equal({ spatial: 0, temporal: 0 });
    await until(2, 1);
    expect(told.at(-1)).to.deep.equal(opened.tap.layers);
  });

  it('has no layers to tell of when there is but one stream', async () => {
    tap = await MediaTap.open(
      media.router,
      { kind: 'audio', ssrc: 5, payloadType: 100 },
      { port: sink.address().port },
    );
    await tap.start();
    await tap.publish(opusSource({ ssrc: 5, payloadType: 100 }).next());
    expect(tap.tap.layers).to.equal(null);
  });
});
