import { type CaptureFailure, failureOf } from './device-failures.ts';
import {
  type CaptureSettings,
  type DeviceChoice,
  type DeviceKind,
  defaultSettings,
  listDevices,
  NO_DEVICE,
  openBoth,
  openDevice,
} from './devices.ts';
import { recall, remember } from './memory.ts';
import { Store } from './store.ts';

export type Capture =
  | { status: 'off' }
  | { status: 'opening' }
  | { status: 'on'; track: MediaStreamTrack }
  | { status: 'failed'; failure: CaptureFailure };

export interface LocalMediaState {
  settings: CaptureSettings;
  microphones: readonly DeviceChoice[];
  cameras: readonly DeviceChoice[];
  speakers: readonly DeviceChoice[];
  microphone: Capture;
  camera: Capture;
}

const deviceKinds = ['microphone', 'camera'] as const satisfies readonly DeviceKind[];

export const trackOf = (capture: Capture): MediaStreamTrack | null =>
  capture.status === 'on' ? capture.track : null;

/** This person's own microphone and camera, in the green room and in the room. Remembers what was chosen. */
export class LocalMedia {
  readonly store: Store<LocalMediaState>;
  #isRunning = false;
  /** Grows with every opening of a kind: an older one that finishes late is thrown away. */
  readonly #turn = { microphone: 0, camera: 0 };

  constructor() {
    this.store = new Store<LocalMediaState>({
      settings: { ...defaultSettings, ...recall('capture') },
      microphones: [],
      cameras: [],
      speakers: [],
      microphone: { status: 'off' },
      camera: { status: 'off' },
    });
  }

  /** Opens what the settings ask for. Never rejects: what fails stands in the state. */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    if ('mediaDevices' in navigator) navigator.mediaDevices.addEventListener('devicechange', this.#onDevices);
    const { settings } = this.store.get();
    await this.#openEach(deviceKinds.filter(kind => settings[kind] !== NO_DEVICE));
  }

  /** Opens what failed again: the person has allowed it, plugged it in, or closed what used it. */
  async retry(): Promise<void> {
    const state = this.store.get();
    await this.#openEach(deviceKinds.filter(kind => state[kind].status === 'failed'));
  }

  /** What was unplugged is replaced by what is there, or by itself when it is back. @returns whether it was */
  async replaceUnplugged(): Promise<boolean> {
    if (!this.#isUnplugged) return false;
    await this.retry();
    return !this.#isUnplugged;
  }

  get #isUnplugged(): boolean {
    const state = this.store.get();
    return deviceKinds.some(kind => {
      const capture = state[kind];
      return capture.status === 'failed' && capture.failure === 'unplugged';
    });
  }

  async #openEach(kinds: readonly DeviceKind[]): Promise<void> {
    const isDone = kinds.length === deviceKinds.length && (await this.#openTogether());
    if (!isDone) for (const kind of kinds) await this.#open(kind);
    await this.#refreshDevices();
  }

  stop(): void {
    this.#isRunning = false;
    if ('mediaDevices' in navigator)
      navigator.mediaDevices.removeEventListener('devicechange', this.#onDevices);
    this.close('microphone');
    this.close('camera');
  }

  /** Changes settings; what they touch is opened again. */
  async choose(change: Partial<CaptureSettings>): Promise<void> {
    const settings = { ...this.store.get().settings, ...change };
    this.store.patch({ settings });
    remember('capture', settings);
    const touchesCamera = 'camera' in change;
    const touchesMicrophone = Object.keys(change).some(name => name !== 'camera');
    if (touchesMicrophone) await this.#open('microphone');
    if (touchesCamera) await this.#open('camera');
    await this.#refreshDevices();
  }

  /** Lets go of the device, so that its light goes out; the choice stays. */
  close(kind: DeviceKind): void {
    this.#turn[kind] += 1;
    trackOf(this.store.get()[kind])?.stop();
    this.#set(kind, { status: 'off' });
  }

  /** Opens the camera again after `close`, whatever was chosen before: the person asked for it. */
  async reopenCamera(): Promise<void> {
    const { settings } = this.store.get();
    if (settings.camera === NO_DEVICE) await this.choose({ camera: defaultSettings.camera });
    else await this.#open('camera');
  }

  async #openTogether(): Promise<boolean> {
    const turns = { microphone: ++this.#turn.microphone, camera: ++this.#turn.camera };
    this.store.patch({ microphone: { status: 'opening' }, camera: { status: 'opening' } });
    const tracks = await openBoth(this.store.get().settings);
    if (tracks === null) return false;
    this.#accept('microphone', turns.microphone, tracks[0]);
    this.#accept('camera', turns.camera, tracks[1]);
    return true;
  }

  /** The new device opens before the old one closes, so that a switch leaves no gap. */
  async #open(kind: DeviceKind): Promise<void> {
    const turn = ++this.#turn[kind];
    const { settings } = this.store.get();
    const old = trackOf(this.store.get()[kind]);
    if (settings[kind] === NO_DEVICE || !this.#isRunning) {
      this.close(kind);
      return;
    }
    if (old === null) this.#set(kind, { status: 'opening' });
    try {
      this.#accept(kind, turn, await openDevice(kind, settings));
    } catch (thrown) {
      if (turn !== this.#turn[kind]) return;
      old?.stop();
      this.#set(kind, { status: 'failed', failure: failureOf(thrown) });
      return;
    }
    old?.stop();
  }

  #accept(kind: DeviceKind, turn: number, track: MediaStreamTrack): void {
    if (turn !== this.#turn[kind] || !this.#isRunning) {
      track.stop();
      return;
    }
    track.addEventListener('ended', () => this.#onUnplugged(kind, track));
    this.#set(kind, { status: 'on', track });
  }

  #onUnplugged(kind: DeviceKind, track: MediaStreamTrack): void {
    if (trackOf(this.store.get()[kind]) !== track) return;
    this.#set(kind, { status: 'failed', failure: 'unplugged' });
  }

  #set(kind: DeviceKind, capture: Capture): void {
    this.store.patch({ [kind]: capture });
  }

  readonly #onDevices = () => void this.#refreshDevices();

  async #refreshDevices(): Promise<void> {
    this.store.patch(await listDevices());
  }
}
