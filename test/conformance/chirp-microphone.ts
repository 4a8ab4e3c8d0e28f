/**
 * In the page, where it stands alone: puts a microphone in the place of the real one that hears a chirp on every second
 * of the wall clock but multiples of `silentSecond`, as all other pages on this machine do. Samples are handed over once
 * their time has passed.
 */
export function chirpMicrophone(chirp: readonly number[], silentSecond: number): void {
  interface Generator extends MediaStreamTrack {
    writable: WritableStream<AudioData>;
  }
  const { MediaStreamTrackGenerator } = globalThis as unknown as {
    MediaStreamTrackGenerator: new (init: { kind: 'audio' }) => Generator;
  };
  const rateHz = 48_000;
  const frameSamples = 480;
  // Pages of several browsers agree on the wall clock; its last tick says by how much this page's own clock differs.
  const tickMs = Date.now();
  while (Date.now() === tickMs);
  const aheadMs = Date.now() - performance.now();
  const wallMs = () => aheadMs + performance.now();
  const sampleAt = (sample: number) => {
    // Counted from the last full second.
    const index = sample % rateHz;
    const silent = Math.floor(sample / rateHz) % silentSecond === 0;
    return (silent ? undefined : chirp[index]) ?? 0.004 * (Math.random() - 0.5);
  };
  const hear = (track: Generator) => {
    const writer = track.writable.getWriter();
    const startSample = Math.round((wallMs() * rateHz) / 1000);
    let frames = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((wallMs() * rateHz) / 1000 - startSample) / frameSamples);
      for (; frames < due; frames += 1) {
        const first = startSample + frames * frameSamples;
        const data = Float32Array.from({ length: frameSamples }, (_, index) => sampleAt(first + index));
        const timestamp = Math.round((frames * frameSamples * 1e6) / rateHz);
        const shape = { numberOfFrames: frameSamples, numberOfChannels: 1, sampleRate: rateHz };
        writer
          .write(new AudioData({ format: 'f32-planar', timestamp, data, ...shape }))
          .catch(() => clearInterval(timer));
      }
    }, 3);
  };
  const { mediaDevices } = navigator;
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async constraints => {
    const stream = await real(constraints);
    for (const track of stream.getAudioTracks()) {
      const generator = new MediaStreamTrackGenerator({ kind: 'audio' });
      const settings = track.getSettings();
      generator.getSettings = () => settings;
      generator.applyConstraints = async () => {};
      hear(generator);
      stream.removeTrack(track);
      stream.addTrack(generator);
    }
    return stream;
  };
}
