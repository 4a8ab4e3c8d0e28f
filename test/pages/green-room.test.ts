import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, type PersonalBrowser, press, sees } from '../support/browser.ts';
import { hostSession, invite } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

/** Each way in which a browser refuses its devices, and what a person reads then. */
const failures: Record<string, RegExp> = {
  NotAllowedError: /Microphone and camera not allowed\. Click the icon left of this page’s address/,
  NotFoundError: /No microphone or camera found\. Plug in or switch on what is missing/,
  NotReadableError:
    /Microphone and camera are busy\. Another program or tab uses the microphone and the camera/,
  UnheardOfError: /Microphone and camera do not start\. Choose another below, or restart the browser/,
};

/** What a phone or another browser calls itself, and where permission is given there. */
const elsewhere: Record<string, [agent: string, where: RegExp]> = {
  Firefox: [
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    /Firefox then asks for/,
  ],
  Safari: [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    /Settings for this website/,
  ],
  'an iPhone': [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    /Website Settings/,
  ],
  Android: [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36',
    /“Permissions”/,
  ],
};

describe('the green room', function () {
  this.timeout(180_000);
  const scene = useStack();
  let link: string;
  let guests: PersonalBrowser;
  let page: Page;

  before(async () => {
    const host = await scene.page();
    await hostSession(host, scene.url, { email: 'grace@example.org', name: 'Grace', title: 'Moon talk' });
    link = await invite(host);
    guests = await scene.open();
  });
  beforeEach(async () => {
    page = await guests.page();
  });
  afterEach(() => page.close());

  it('says what is kept, by whom, where, and for how long, before one joins', async () => {
    await page.goto(link);
    await sees(page, 'Grace’s studio invites you to a recorded conversation.');
    await sees(
      page,
      /you agree to be recorded while the light is red.*Grace’s studio keeps them in Canada until/,
    );
  });

  it('tries the way to the media server: UDP, and how much goes upwards', async () => {
    await page.goto(link);
    await sees(page, /The network.*About [\d.]+ Mbit\/s upwards/, 40_000);
    expect(await page.evaluate(() => document.body.innerText)).not.to.match(/TCP is used/);
  });

  it('says so where only TCP gets through, and where nothing does', async () => {
    const walled = await scene.page({ hasUdp: false });
    await walled.goto(link);
    await sees(walled, /This network blocks UDP: TCP is used/, 40_000);
    await page.evaluateOnNewDocument(() => {
      // All candidates lead to a port at which nobody listens.
      class Walled extends RTCPeerConnection {
        override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
          const sdp = description.sdp?.replace(/(a=candidate:\S+ 1 \S+ \d+ \S+) \d+/g, '$1 9') ?? '';
          return super.setRemoteDescription({ ...description, sdp });
        }
      }
      globalThis.RTCPeerConnection = Walled;
    });
    await page.goto(link);
    await sees(page, 'This network lets no sound or picture through.', 40_000);
    await press(page, 'Check the network again');
    await sees(page, 'Checking the network…');
  });

  it('records a moment, plays it back, and says what is wrong with the sound', async () => {
    await page.goto(link);
    await press(page, 'Test your sound');
    await sees(page, 'Recording for three seconds');
    await sees(page, 'This is how the others hear you');
    // A tone that never pauses is what noise is.
    await sees(page, 'There is much noise around you.', 30_000);
  });

  it('marks a microphone that clips, while it does', async () => {
    const loud = await scene.page({ amplitude: 32_767 });
    // Somebody who sets the level themselves: automatic gain would turn it down.
    await loud.evaluateOnNewDocument(() => {
      const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      localStorage.setItem('cratersync.capture', JSON.stringify(processing));
    });
    await loud.goto(link);
    await sees(loud, 'Too loud: the sound is cut off.');
    await press(loud, 'Test your sound');
    await sees(loud, 'You are too loud', 30_000);
  });

  it('chooses microphone, camera and loudspeaker, and remembers them', async () => {
    await page.goto(link);
    await sees(page, 'You join with sound and picture.');
    await press(page, 'Default speaker Speaker');
    const second = await page.locator('[role="option"]:nth-of-type(2)').waitHandle();
    const name = await second.evaluate(option => option.textContent ?? '');
    await second.click();
    await page.locator(named('button', `${name} Speaker`)).wait();
    await page.reload();
    await page.locator(named('button', `${name} Speaker`)).wait();
  });

  for (const [errorName, words] of Object.entries(failures))
    it(`explains ${errorName}, and goes on when that is mended`, async () => {
      await page.evaluateOnNewDocument(name => {
        const { mediaDevices } = navigator;
        const ask = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async wanted => {
          if ('isMended' in globalThis) return ask(wanted);
          throw new DOMException('it is not to be had', name);
        };
      }, errorName);
      await page.goto(link);
      await sees(page, words);
      await sees(page, 'You join to listen only.');
      await page.evaluate(() => Object.assign(globalThis, { isMended: true }));
      await press(page, 'Try again');
      await sees(page, 'You join with sound and picture.');
    });

  for (const [name, [agent, where]] of Object.entries(elsewhere))
    it(`says where ${name} gives permission`, async () => {
      await page.setUserAgent({ userAgent: agent });
      await page.evaluateOnNewDocument(() => {
        navigator.mediaDevices.getUserMedia = async () => {
          throw new DOMException('Permission denied', 'NotAllowedError');
        };
      });
      await page.goto(link);
      await sees(page, where);
    });

  it('says that a page must be secure, and that a browser is too old', async () => {
    await page.evaluateOnNewDocument(() => {
      Reflect.deleteProperty(Navigator.prototype, 'mediaDevices');
      Object.defineProperty(globalThis, 'isSecureContext', { get: () => false });
    });
    await page.goto(link);
    await sees(page, /Microphone and camera not available on this address\. .*https:\/\/ address/);
    const old = await guests.page();
    await old.evaluateOnNewDocument(() => Reflect.deleteProperty(globalThis, 'RTCPeerConnection'));
    await old.goto(link);
    await sees(old, 'This browser is too old. Update it');
    const join = await old.locator(named('button', 'Join')).setWaitForEnabled(false).waitHandle();
    expect(await join.evaluate(button => (button as HTMLButtonElement).disabled)).to.equal(true);
    await old.close();
  });

  it('changes its language at once, keeps what was typed, and is in it next time', async () => {
    await page.goto(link);
    await fill(page, 'Your name', 'Zoë');
    await press(page, 'Français');
    await page.locator(named('button', 'Entrer')).wait();
    await sees(page, 'Grace’s studio vous invite à une conversation enregistrée.');
    const shown = await page.evaluate(() => ({
      lang: document.documentElement.lang,
      name: document.querySelector<HTMLInputElement>('input[autocomplete="name"]')?.value,
    }));
    expect(shown).to.deep.equal({ lang: 'fr', name: 'Zoë' });
    await page.reload();
    await page.locator(named('button', 'Entrer')).wait();
    await press(page, 'English');
    await page.locator(named('button', 'Join')).wait();
  });

  it('is French for a browser that asks for French', async () => {
    const québec = await scene.page({ language: 'fr-CA' });
    await québec.goto(link);
    await sees(québec, 'Vous entrez avec le son et l’image.');
    await sees(québec, /Environ [\d,]+ Mbit\/s en envoi/, 40_000);
  });

  it('had no fault of its own', () => {
    expect(scene.faults).to.deep.equal([]);
  });
});
