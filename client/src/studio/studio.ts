import { t } from '../i18n/t.ts';
import type { LobbyView, RoomView, Source } from '../protocol.ts';
import { toAppError } from '../protocol.ts';
import { Connection } from './connection.ts';
import { DEFAULT_DEVICE, NO_DEVICE } from './devices.ts';
import { Incoming, type ReceiverStats } from './incoming.ts';
import { Listening } from './listening.ts';
import { type LocalMedia, trackOf } from './local-media.ts';
import { MediaSession } from './media-session.ts';
import { Outgoing, type SenderStats, type WantedBySource } from './outgoing.ts';
import { PeopleDesk } from './people-desk.ts';
import type { Sent } from './preflight.ts';
import { RecordingDesk } from './recording-desk.ts';
import type { Ending, Phase, RejoinState } from './rejoin.ts';
import { applyChange, type RoomChange, type RoomState, remoteProducers, roomFromView } from './room-state.ts';
import { SelfCheck } from './self-check.ts';
import { layerFor } from './shown.ts';
import { Store } from './store.ts';
import { playTone } from './tone.ts';

/** How long the tone is that a recording may begin with. */
const SLATE_MS = 500;

export interface StudioState {
  phase: Phase;
  ending: Ending | null;
  /** False until everything has stood for the first time: what comes before is no trouble. */
  hasBeenLive: boolean;
  /** ICE is being restarted: what is heard may stutter. */
  isTroubled: boolean;
  /** While somebody has to admit this person. */
  lobby: Pick<LobbyView, 'title' | 'hostIsHere'> | null;
  /** Null until the first join. */
  room: RoomState | null;
  /** What is received, by producer id. */
  tracks: ReadonlyMap<string, MediaStreamTrack>;
  /** What this person wants. */
  isMuted: boolean;
  /** The server lets the microphone through: what is said from here on is heard and recorded. */
  isHeard: boolean;
  screen: MediaStream | null;
  /** Why the last thing that was asked for did not happen. */
  problem: string | null;
  /** What others did that concerns this person. */
  notice: string | null;
}

/** One person's stay in a room: the connection, what is sent, and what is received. */
export class Studio {
  readonly store = new Store<StudioState>({
    phase: 'connecting',
    ending: null,
    hasBeenLive: false,
    isTroubled: false,
    lobby: null,
    room: null,
    tracks: new Map(),
    isMuted: false,
    isHeard: false,
    screen: null,
    problem: null,
    notice: null,
  });
  readonly local: LocalMedia;
  readonly listening: Listening;
  readonly people: PeopleDesk;
  readonly recording: RecordingDesk;
  readonly self: SelfCheck;
  readonly #connection: Connection;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #stopListening: () => void;
  #media: MediaSession | null = null;
  /** Unmuted for as long as a key is held. */
  #isTalking = false;
  /** In the microphone's place, for a moment. */
  #tone: MediaStreamTrack | null = null;

  constructor(credential: string, local: LocalMedia) {
    this.local = local;
    this.#incoming = new Incoming(tracks => this.store.patch({ tracks }));
    this.#connection = new Connection(credential, {
      transportIds: () => this.#media?.transportIds ?? [],
      onJoined: view => this.#onJoined(view),
      onWaiting: lobby => this.store.patch({ lobby }),
      build: view => this.#build(view),
      restartIce: async () => this.#media?.restartIce(),
      isMediaHealthy: () => this.#media?.isHealthy() ?? false,
      onChange: change => this.#onChange(change),
      onState: state => this.#onState(state),
      onClosed: () => this.#onClosed(),
    });
    this.#outgoing = new Outgoing(
      this.#connection.ask,
      () => this.#wanted(),
      isHeard => this.store.patch({ isHeard }),
    );
    const surroundings = {
      ask: this.#connection.ask,
      onChange: (change: RoomChange) => this.#onChange(change),
      onProblem: (problem: string | null) => this.store.patch({ problem }),
    };
    this.people = new PeopleDesk(surroundings);
    this.recording = new RecordingDesk(surroundings);
    this.listening = new Listening({
      local,
      room: () => this.store.get().room,
      isMuted: () => this.store.get().isMuted,
      levelOf: producerId => this.#incoming.levelOf(producerId),
    });
    this.self = new SelfCheck({
      local,
      listening: this.listening,
      stats: async () => (await this.#media?.reports()) ?? null,
      report: condition => this.#connection.ask('condition.report', condition),
      onConnection: ({ connection }) => this.#outgoing.keepCameraSmall(connection === 'poor'),
    });
    this.#stopListening = local.store.subscribe(() => this.#send());
    navigator.mediaDevices?.addEventListener('devicechange', this.#onDevices);
  }

  setMuted(isMuted: boolean): void {
    this.store.patch({ isMuted, notice: null });
    if (isMuted) this.#outgoing.hush();
    this.#send();
  }

  /** Whoever had chosen no microphone, and unmutes, wants one. */
  toggleMicrophone(): void {
    const { microphone, settings } = this.local.store.get();
    this.#isTalking = false;
    if (trackOf(microphone) !== null) {
      this.setMuted(!this.store.get().isMuted);
      return;
    }
    this.setMuted(false);
    const chosen = settings.microphone === NO_DEVICE ? DEFAULT_DEVICE : settings.microphone;
    void this.local.choose({ microphone: chosen });
  }

  /** Push-to-talk: whoever is muted is heard while they hold a key. */
  talk(isHeld: boolean): void {
    const { isMuted } = this.store.get();
    if (isHeld ? !isMuted : !this.#isTalking) return;
    this.#isTalking = isHeld;
    this.setMuted(!isHeld);
  }

  async toggleCamera(): Promise<void> {
    if (trackOf(this.local.store.get().camera) === null) await this.local.reopenCamera();
    else this.local.close('camera');
  }

  /** Asks the browser for a screen, window or tab, with its sound where it gives it. */
  async shareScreen(): Promise<void> {
    let screen: MediaStream;
    try {
      screen = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 30 } },
        audio: true,
      });
    } catch (thrown) {
      const isRefused = thrown instanceof DOMException && thrown.name === 'NotAllowedError';
      if (!isRefused) this.store.patch({ problem: t('This browser could not share the screen.') });
      return;
    }
    screen.getVideoTracks()[0]?.addEventListener('ended', () => this.stopScreen());
    this.store.patch({ screen });
    this.#send();
  }

  stopScreen(): void {
    for (const track of this.store.get().screen?.getTracks() ?? []) track.stop();
    this.store.patch({ screen: null });
    this.#send();
  }

  /** Everybody else has to leave; so does this person then. */
  async endSession(): Promise<void> {
    if (await this.people.endSession()) this.leave();
  }

  dismissNotice(): void {
    this.store.patch({ notice: null });
  }

  dismissProblem(): void {
    this.store.patch({ problem: null });
  }

  leave(): void {
    this.#connection.handle({ type: 'leave' });
  }

  /** @param shownPx see `layerFor` */
  showsPicture(producerId: string, shownPx: number): void {
    this.#incoming.want(producerId, layerFor(shownPx));
  }

  stats(): Promise<ReceiverStats[]> {
    return this.#incoming.stats();
  }

  sentStats(): Promise<SenderStats[]> {
    return this.#outgoing.stats();
  }

  /** What this person sends. */
  get sending(): Sent[] {
    return Object.entries(this.#wanted()).flatMap(([source, { track, isPaused }]) =>
      track === null ? [] : [{ source: source as Source, paused: isPaused }],
    );
  }

  #wanted(): WantedBySource {
    const { microphone, camera } = this.local.store.get();
    const { isMuted, screen } = this.store.get();
    return {
      mic: { track: this.#tone ?? trackOf(microphone), isPaused: isMuted },
      camera: { track: trackOf(camera), isPaused: false },
      screen: { track: screen?.getVideoTracks()[0] ?? null, isPaused: false },
      'screen-audio': { track: screen?.getAudioTracks()[0] ?? null, isPaused: false },
    };
  }

  #send(): void {
    this.#outgoing.sync().catch((thrown: unknown) => {
      // While it reconnects there is nothing to tell: joining again sends what is wanted then.
      if (this.store.get().phase === 'live') this.store.patch({ problem: toAppError(thrown).message });
    });
  }

  #onJoined(view: RoomView): void {
    this.store.patch({ lobby: null });
    this.self.joined(view.you.condition);
    const before = this.store.get().room;
    const room = roomFromView(view, performance.now(), before);
    this.#setRoom(room);
    void this.people.giveBack(before, room);
    if (!view.resumed) return;
    this.#incoming.tellWanted();
    this.#outgoing.reconcile(view.producers);
    this.#send();
  }

  async #build(view: RoomView): Promise<void> {
    this.#adopt(null);
    const media = await MediaSession.open(this.#connection.ask, view, health =>
      this.#connection.handle({ type: health === 'healthy' ? 'transportsHealthy' : 'transportsTroubled' }),
    );
    this.#adopt(media);
    const { room } = this.store.get();
    if (room !== null) this.#incoming.sync(remoteProducers(room));
    await this.#outgoing.sync();
  }

  #adopt(media: MediaSession | null): void {
    const old = this.#media;
    this.#media = media;
    this.#incoming.adopt(media);
    this.#outgoing.adopt(media);
    old?.close();
  }

  #onChange(change: RoomChange): void {
    const { room, lobby } = this.store.get();
    if (change.event === 'hostPresenceChanged' && lobby !== null)
      this.store.patch({ lobby: { ...lobby, ...change.body } });
    if (change.event === 'muted') {
      this.setMuted(true);
      this.store.patch({
        notice: t('{name} has muted your microphone. Unmute it when you want to speak.', {
          name: change.body.by,
        }),
      });
    }
    if (change.event === 'slateCalled') this.#slate();
    if (room !== null) this.#setRoom(applyChange(room, change, performance.now()));
  }

  /** Nobody may fall silent unawares. */
  readonly #onDevices = async (): Promise<void> => {
    if (await this.local.replaceUnplugged())
      this.store.patch({ notice: t('A device was unplugged. Another one has taken its place.') });
  };

  /** Whoever is muted, or has no microphone, sends no tone either. */
  #slate(): void {
    if (trackOf(this.local.store.get().microphone) === null || this.store.get().isMuted) return;
    const tone = playTone();
    if (tone === null) return;
    this.#tone = tone.track;
    this.#send();
    setTimeout(() => {
      this.#tone = null;
      this.#send();
      tone.stop();
    }, SLATE_MS);
  }

  #setRoom(room: RoomState): void {
    this.store.patch({ room });
    this.#incoming.sync(remoteProducers(room));
  }

  #onState(state: RejoinState): void {
    const hasBeenLive = this.store.get().hasBeenLive || state.phase === 'live';
    this.store.patch({
      phase: state.phase,
      ending: state.ending,
      isTroubled: state.troubled,
      hasBeenLive,
    });
  }

  #onClosed(): void {
    this.#stopListening();
    navigator.mediaDevices?.removeEventListener('devicechange', this.#onDevices);
    this.self.close();
    this.listening.close();
    this.stopScreen();
    this.#adopt(null);
    this.local.stop();
  }
}
