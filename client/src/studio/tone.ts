/** Like the tone of a film slate. */
const TONE_HZ = 1_000;
/** As it is sent, and as the person hears it. */
const SENT_GAIN = 0.25;
const HEARD_GAIN = 0.1;

/** A tone as a track, which is heard here, too. */
export function playTone(): { track: MediaStreamTrack; stop: () => void } | null {
  const context = new AudioContext({ sampleRate: 48_000 });
  const oscillator = new OscillatorNode(context, { frequency: TONE_HZ });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  oscillator.connect(new GainNode(context, { gain: SENT_GAIN })).connect(out);
  oscillator.connect(new GainNode(context, { gain: HEARD_GAIN })).connect(context.destination);
  oscillator.start();
  const [track] = out.stream.getAudioTracks();
  const stop = () => {
    track?.stop();
    void context.close();
  };
  if (track !== undefined) return { track, stop };
  stop();
  return null;
}
