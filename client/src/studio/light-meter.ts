import { isDark } from './hints.ts';

const WIDTH = 32;
const HEIGHT = 18;

/** Looks now and then at this person's own picture, to tell when it is too dark. */
export class LightMeter {
  readonly #video = document.createElement('video');
  readonly #canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  #track: MediaStreamTrack | null = null;

  follow(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#video.muted = true;
    this.#video.srcObject = track === null ? null : new MediaStream([track]);
    // Rejected when the next camera comes before this one has started.
    if (track !== null) this.#video.play().catch(() => undefined);
  }

  /** false also while there is no picture */
  isDark(): boolean {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (
      this.#track === null ||
      context === null ||
      this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA
    )
      return false;
    context.drawImage(this.#video, 0, 0, WIDTH, HEIGHT);
    return isDark(context.getImageData(0, 0, WIDTH, HEIGHT).data);
  }
}
