import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@cratersync/infra/dev';
import type { Page } from 'puppeteer';
import { type BrowserOptions, PersonalBrowser } from './browser.ts';

type Settings = Record<string, string>;

/** A whole stack in a folder of its own, and the browsers of the people who use it. */
export class StackScene {
  folder = '';
  readonly browsers: PersonalBrowser[] = [];
  #stack: Stack | null = null;

  get stack(): Stack {
    if (this.#stack === null) throw new Error('the stack does not run');
    return this.#stack;
  }

  /** Where its pages are. */
  get url(): string {
    return this.stack.url;
  }

  /** Of all scripts of all pages. */
  get faults(): string[] {
    return this.browsers.flatMap(({ faults }) => faults);
  }

  /** Again, after it was stopped, on what the last one has left. */
  async start(settings: Settings = {}): Promise<void> {
    if (this.folder === '') this.folder = await mkdtemp(join(tmpdir(), 'cratersync-stack-'));
    const env = { ...process.env, DATA_DIR: join(this.folder, 'data'), PORT: '0', ...settings };
    this.#stack = await startStack({ env });
  }

  /** Another person's browser. */
  async open(options: BrowserOptions = {}): Promise<PersonalBrowser> {
    const browser = await PersonalBrowser.open(options);
    this.browsers.push(browser);
    return browser;
  }

  /** The page of another person, who uses Firefox. */
  async firefoxPage(): Promise<Page> {
    const browser = await PersonalBrowser.openFirefox();
    this.browsers.push(browser);
    return browser.page();
  }

  /** The page of another person. */
  async page(options: BrowserOptions = {}): Promise<Page> {
    return (await this.open(options)).page();
  }

  /** Another tab of the person whose page that is. */
  async tabBeside(page: Page): Promise<Page> {
    const own = this.browsers.find(({ browser }) => browser === page.browser());
    if (own === undefined) throw new Error('that page is nobody’s here');
    return own.page();
  }

  async close(): Promise<void> {
    await Promise.all(this.browsers.map(browser => browser.close()));
    await this.#stack?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One for all tests of a `describe`: it runs as soon as they begin. */
export function useStack(settings: () => Settings = () => ({})): StackScene {
  const scene = new StackScene();
  before(() => scene.start(settings()));
  after(() => scene.close());
  return scene;
}
