import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { press, sees } from '../support/browser.ts';
import { hostSession, invite, joinAsGuest, joinAsHost } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

const run = promisify(execFile);
const ffmpeg = (source: string, ...to: string[]) =>
  run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...to]);

const TOO_LOUD = 'Your microphone is too loud and its sound is cut off.';
const MUTED = 'You are muted: nobody hears you.';
const DARK = 'Your picture is very dark.';
const HEARS_OTHERS = 'Your microphone hears the others.';

/** From the next page on, a microphone stands before the loudspeaker: it takes in what the page plays of the others. */
function standsBeforeLoudspeaker(): void {
  const air = new AudioContext();
  const microphone = air.createMediaStreamDestination();
  // It does not stand in the loudspeaker.
  const distance = new GainNode(air, { gain: 0.3 });
  distance.connect(microphone);
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...how: ConstructorParameters<typeof Native>) {
      super(...how);
      this.addEventListener('track', ({ track }) => {
        if (track.kind === 'audio') air.createMediaStreamSource(new MediaStream([track])).connect(distance);
      });
    }
  };
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async wanted => {
    const stream = await ask(wanted);
    const [heard] = microphone.stream.getAudioTracks();
    for (const own of stream.getAudioTracks()) {
      stream.removeTrack(own);
      if (heard !== undefined) stream.addTrack(heard.clone());
    }
    return stream;
  };
}

/** One sits in the dark, with a microphone before the loudspeaker; the other speaks far too loud. */
describe('hints, as people read them', function () {
  this.timeout(120_000);
  const scene = useStack();
  let folder: string;
  let dora: Page;
  let clara: Page;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-hints-'));
    const [speech, night] = [join(folder, 'speech.wav'), join(folder, 'night.y4m')];
    // Two seconds of every four, and cut off where samples end.
    const bursts = "aevalsrc='lt(mod(t,4),2)*clip(8*sin(2*PI*440*t),-1,1)':d=4:s=48000";
    await ffmpeg(bursts, '-c:a', 'pcm_s16le', speech);
    await ffmpeg('color=c=0x141414:s=640x480:r=15:d=1', '-pix_fmt', 'yuv420p', night);
    dora = await scene.page({ cameraFile: night, amplitude: 0 });
    await dora.evaluateOnNewDocument(standsBeforeLoudspeaker);
    await hostSession(dora, scene.url, { email: 'dora@example.org', name: 'Dora', title: 'Night talk' });
    const link = await invite(dora);
    await joinAsHost(dora);
    clara = await scene.page({ microphoneFile: speech });
    await joinAsGuest(clara, link, 'Clara');
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const shows = (page: Page) => page.evaluate(() => document.body.innerText);

  it('whoever is so loud that the sound is cut off is told, until they have read it', async () => {
    await sees(clara, TOO_LOUD);
    await press(clara, 'Dismiss');
    await clara.waitForFunction(text => !document.body.innerText.includes(text), {}, TOO_LOUD);
    expect(await shows(clara)).not.to.contain(MUTED);
  });

  it('whoever speaks while muted is told, and no longer once they are not', async () => {
    await press(clara, 'Mute');
    await sees(clara, MUTED);
    await press(clara, 'Unmute');
    await clara.waitForFunction(text => !document.body.innerText.includes(text), {}, MUTED);
  });

  it('whoever sits in the dark is told, and nobody else', async () => {
    await sees(dora, DARK);
    expect(await shows(clara)).not.to.contain(DARK);
  });

  it('whoever’s microphone hears the others is told to wear headphones, and nobody else', async () => {
    await dora.bringToFront();
    await sees(dora, HEARS_OTHERS, 60_000);
    expect(await shows(dora)).not.to.contain(TOO_LOUD);
    expect(await shows(clara)).not.to.contain(HEARS_OTHERS);
    expect(scene.faults).to.deep.equal([]);
  });
});
