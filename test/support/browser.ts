import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { writeTone } from './audio.ts';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const FIREFOX = process.env['FIREFOX_BIN'] ?? '/usr/bin/firefox-esr';

/** What Firefox's own fake microphone plays. */
export const FIREFOX_TONE_HZ = 523;

export interface BrowserOptions {
  /** What the fake microphone plays, Hz. */
  toneHz?: number;
  /** How loud that is, of 32767. */
  amplitude?: number;
  /** A WAV that it plays in place of that. */
  microphoneFile?: string;
  /** What the fake camera shows in place of a moving picture (.y4m). */
  cameraFile?: string;
  /** false: nothing but TCP leaves the browser, as behind a strict firewall. */
  hasUdp?: boolean;
  /** false: the browser has neither camera nor microphone. */
  hasDevices?: boolean;
  /** false: there is a microphone, and no camera. */
  hasCamera?: boolean;
  /** false: the person answers the browser's question with no. */
  allowsDevices?: boolean;
  /** In which the browser asks for pages. */
  language?: 'en-US' | 'fr-FR' | 'fr-CA';
  /** The browser takes this address, `HOST:PORT`, for the other one. */
  leads?: { from: string; to: string } | { from: string; to: string }[];
  /** false: the browser takes any certificate. */
  checksCertificates?: boolean;
  /** Whoever shares their screen shares the tab of this title, with its sound. */
  sharesTab?: string;
  /** Kept by the caller to start the same person's browser again. */
  profile?: string;
}

/** One person's own Chromium, with a fake camera (a moving picture) and a fake microphone. */
export class PersonalBrowser {
  readonly browser: Browser;
  readonly #folder: string;

  private constructor(browser: Browser, folder: string) {
    this.browser = browser;
    this.#folder = folder;
  }

  static async open(options: BrowserOptions = {}): Promise<PersonalBrowser> {
    const { toneHz = 440, hasDevices = true, hasCamera = true, allowsDevices = true } = options;
    const { language = 'en-US', amplitude = 8000, hasUdp = true } = options;
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-browser-'));
    const tone = join(folder, 'tone.wav');
    await writeTone(tone, toneHz, { amplitude });
    const { cameraFile, microphoneFile = tone } = options;
    const browser = await puppeteer.launch({
      executablePath: CHROMIUM,
      headless: true,
      acceptInsecureCerts: options.checksCertificates === false,
      userDataDir: options.profile ?? join(folder, 'profile'),
      defaultViewport: { width: 1000, height: 720 },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        ...(hasUdp ? [] : ['--webrtc-ip-handling-policy=disable_non_proxied_udp']),
        `--lang=${language}`,
        `--accept-lang=${language}`,
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--autoplay-policy=no-user-gesture-required',
        '--disable-background-timer-throttling',
        '--disable-renderer-backgrounding',
        ...(hasDevices
          ? [
              `--use-fake-device-for-media-stream=fps=15${hasCamera ? '' : ',device-count=0'}`,
              `--use-file-for-fake-audio-capture=${microphoneFile}`,
              ...(cameraFile === undefined ? [] : [`--use-file-for-fake-video-capture=${cameraFile}`]),
            ]
          : []),
        ...(options.sharesTab === undefined
          ? []
          : [`--auto-select-tab-capture-source-by-title=${options.sharesTab}`]),
        ...(options.leads === undefined
          ? []
          : [
              `--host-resolver-rules=${[options.leads]
                .flat()
                .map(({ from, to }) => `MAP ${from} ${to}`)
                .join(', ')}`,
            ]),
        ...(allowsDevices ? ['--use-fake-ui-for-media-stream'] : ['--deny-permission-prompts']),
      ],
    });
    return new PersonalBrowser(browser, folder);
  }

  /** One person's own Firefox, driven by WebDriver BiDi, with its fake camera and microphone. */
  static async openFirefox(): Promise<PersonalBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-firefox-'));
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX,
      headless: true,
      userDataDir: join(folder, 'profile'),
      defaultViewport: { width: 1000, height: 720 },
      extraPrefsFirefox: {
        'media.navigator.streams.fake': true,
        'media.navigator.audio.fake_frequency': FIREFOX_TONE_HZ,
        'media.navigator.permission.disabled': true,
        'media.autoplay.default': 0,
        // The SFU under test is on this machine.
        'media.peerconnection.ice.loopback': true,
      },
    });
    return new PersonalBrowser(browser, folder);
  }

  /** A page as the person sees it. What its script throws fails the test that looks at `faults`. */
  async page(): Promise<Page> {
    const page = await this.browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', error => {
      this.faults.push(String(error));
    });
    return page;
  }

  readonly faults: string[] = [];

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Kills the processes of a browser's pages, as a crash does. @returns when, by the wall clock */
export async function killPages(browser: Browser): Promise<number> {
  const session = await browser.target().createCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const killedAt = Date.now();
  for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL');
  return killedAt;
}

/** Finds things by what a screen reader calls them. */
export const named = (role: string, name: string) => `::-p-aria([name="${name}"][role="${role}"])`;

export const press = async (page: Page, name: string, role = 'button') => {
  await page.locator(named(role, name)).click();
};

export const fill = async (page: Page, name: string, text: string) => {
  await page.locator(named('textbox', name)).fill(text);
};

/** Waits until the page shows a text, and says what it shows instead when it does not. */
export async function sees(page: Page, text: string | RegExp, timeoutMs = 20_000): Promise<void> {
  const pattern = typeof text === 'string' ? text : text.source;
  const isPattern = typeof text !== 'string';
  await page
    .waitForFunction(
      (wanted, regular) => {
        const shown = document.body.innerText;
        return regular ? new RegExp(wanted).test(shown) : shown.includes(wanted);
      },
      { timeout: timeoutMs, polling: 100 },
      pattern,
      isPattern,
    )
    .catch(async (error: unknown) => {
      const shown = await page.evaluate(() => document.body.innerText).catch(() => '(the page is gone)');
      throw new Error(`expected to see ${String(text)}, but the page shows:\n${shown}`, { cause: error });
    });
}
