import { useEffect, useRef, useState } from 'react';
import { t } from '../i18n/t.ts';
import { CLIPPING_DB, meterPosition, openLevelMeter } from '../studio/level-meter.ts';
import { watchShown } from '../studio/shown.ts';
import { followSpeaker } from '../studio/speaker.ts';

function useTrack<E extends HTMLMediaElement>(track: MediaStreamTrack) {
  const ref = useRef<E>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    // Rejected when the element goes away before it has started; the next one starts by itself.
    element.play().catch(() => undefined);
    const leaveSpeaker = followSpeaker(element);
    return () => {
      leaveSpeaker();
      element.srcObject = null;
    };
  }, [track]);
  return ref;
}

export interface VideoProps {
  track: MediaStreamTrack;
  isMirrored?: boolean;
  /** Hears how tall it is shown, in pixels of the screen; 0: it is not seen. Must keep its identity. */
  onShown?: (shownPx: number) => void;
}

export function Video({ track, isMirrored = false, onShown }: VideoProps) {
  const ref = useTrack<HTMLVideoElement>(track);
  useEffect(() => {
    const element = ref.current;
    return element === null || onShown === undefined ? undefined : watchShown(element, onShown);
  }, [ref, onShown]);
  return <video ref={ref} muted playsInline autoPlay className={isMirrored ? 'mirrored' : undefined} />;
}

export function Audio({ track }: { track: MediaStreamTrack }) {
  const ref = useTrack<HTMLAudioElement>(track);
  // biome-ignore lint/a11y/useMediaCaption: live speech has no caption track
  return <audio ref={ref} autoPlay />;
}

const CLIP_SHOWN_MS = 2_000;

/** A live bar of how loud the microphone is. Moved outside of React: it changes with every frame. */
export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const fill = useRef<HTMLSpanElement>(null);
  const [isClipping, setClipping] = useState(false);
  useEffect(() => {
    if (track === null) return;
    const meter = openLevelMeter(track);
    let shown = 0;
    let frame = 0;
    let clippedAtMs = Number.NEGATIVE_INFINITY;
    const draw = () => {
      const db = meter.readDb();
      const now = meterPosition(db);
      if (db >= CLIPPING_DB) clippedAtMs = performance.now();
      setClipping(performance.now() - clippedAtMs < CLIP_SHOWN_MS);
      shown = Math.max(now, shown - 0.02);
      const bar = fill.current;
      if (bar !== null) {
        bar.style.inlineSize = `${Math.round(shown * 100)}%`;
        bar.dataset['loud'] = String(shown > 0.95);
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      meter.close();
      setClipping(false);
    };
  }, [track]);
  return (
    <div>
      <div className="level" role="img" aria-label={t('Microphone level')}>
        <span ref={fill} className="level-fill" />
      </div>
      <p className="level-clip" role="status">
        {isClipping && t('Too loud: the sound is cut off.')}
      </p>
    </div>
  );
}
