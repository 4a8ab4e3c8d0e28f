import type { ChangeableRole, LobbyView, ParticipantId, RoomView, SessionSettings } from '../protocol.ts';
import { toAppError } from '../protocol.ts';
import { type Ask, Connection } from './connection.ts';
import { DEFAULT_DEVICE, NO_DEVICE } from './devices.ts';
import { Incoming, type ReceiverStats } from './incoming.ts';
import { Listening } from './listening.ts';
import { type LocalMedia, trackOf } from './local-media.ts';
import { MediaSession } from './media-session.ts';
import { Outgoing, type SenderStats, type WantedBySource } from './outgoing.ts';
import type { Ending, Phase, RejoinState } from './rejoin.ts';
import { applyChange, type RoomChange, type RoomState, remoteProducers, roomFromView } from './room-state.ts';
import { Store } from './store.ts';

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
  isMuted: boolean;
  screen: MediaStream | null;
  isAskingRecorder: boolean;
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
    screen: null,
    isAskingRecorder: false,
    problem: null,
    notice: null,
  });
  readonly local: LocalMedia;
  readonly listening: Listening;
  readonly #connection: Connection;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #stopListening: () => void;
  #media: MediaSession | null = null;
  /** Unmuted for as long as a key is held. */
  #isTalking = false;

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
    this.#outgoing = new Outgoing(this.#connection.ask, () => this.#wanted());
    this.listening = new Listening({
      local,
      room: () => this.store.get().room,
      isMuted: () => this.store.get().isMuted,
      levelOf: producerId => this.#incoming.levelOf(producerId),
    });
    this.#stopListening = local.store.subscribe(() => this.#send());
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
      if (!isRefused) this.store.patch({ problem: 'This browser could not share the screen.' });
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

  async setRecording(isOn: boolean): Promise<void> {
    this.store.patch({ isAskingRecorder: true, problem: null });
    try {
      const view = await this.#connection.ask(isOn ? 'recording.start' : 'recording.stop', {});
      this.#onChange({ event: 'recordingChanged', body: view });
    } catch (thrown) {
      this.store.patch({ problem: toAppError(thrown).message });
    } finally {
      this.store.patch({ isAskingRecorder: false });
    }
  }

  admit(participantIds: ParticipantId[]): Promise<boolean> {
    return this.#tell('lobby.admit', { participantIds });
  }

  deny(participantIds: ParticipantId[]): Promise<boolean> {
    return this.#tell('lobby.deny', { participantIds });
  }

  mutePerson(participantId: ParticipantId): Promise<boolean> {
    return this.#tell('person.mute', { participantId });
  }

  removePerson(participantId: ParticipantId): Promise<boolean> {
    return this.#tell('person.remove', { participantId });
  }

  setRole(participantId: ParticipantId, role: ChangeableRole): Promise<boolean> {
    return this.#tell('person.set-role', { participantId, role });
  }

  configure(change: Partial<SessionSettings>): Promise<boolean> {
    return this.#tell('session.configure', change);
  }

  setHand(isRaised: boolean): Promise<boolean> {
    return this.#tell(isRaised ? 'hand.raise' : 'hand.lower', {});
  }

  lowerHandOf(participantId: ParticipantId): Promise<boolean> {
    return this.#tell('person.lower-hand', { participantId });
  }

  /** @throws AppError: whoever writes is told where they write */
  async say(text: string): Promise<void> {
    this.#onChange({ event: 'chatSaid', body: await this.#connection.ask('chat.send', { text }) });
  }

  /** Everybody else has to leave; so does this person then. */
  async endSession(): Promise<void> {
    if (await this.#tell('session.end', {})) this.leave();
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

  stats(): Promise<ReceiverStats[]> {
    return this.#incoming.stats();
  }

  sentStats(): Promise<SenderStats[]> {
    return this.#outgoing.stats();
  }

  #wanted(): WantedBySource {
    const { microphone, camera } = this.local.store.get();
    const { isMuted, screen } = this.store.get();
    return {
      mic: { track: trackOf(microphone), isPaused: isMuted },
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

  /** @returns whether it was done; if not, the person is told why */
  async #tell(...[command, request]: Parameters<Ask>): Promise<boolean> {
    this.store.patch({ problem: null });
    try {
      await this.#connection.ask(command, request);
      return true;
    } catch (thrown) {
      this.store.patch({ problem: toAppError(thrown).message });
      return false;
    }
  }

  #onJoined(view: RoomView): void {
    this.store.patch({ lobby: null });
    this.#setRoom(roomFromView(view, performance.now(), this.store.get().room));
    if (!view.resumed) return;
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
        notice: `${change.body.by} has muted your microphone. Unmute it when you want to speak.`,
      });
    }
    if (room !== null) this.#setRoom(applyChange(room, change, performance.now()));
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
    this.listening.close();
    this.stopScreen();
    this.#adopt(null);
    this.local.stop();
  }
}
