import { useEffect, useRef } from 'react';
import { t } from '../i18n/t.ts';
import { meterPosition, openLevelMeter } from '../studio/level-meter.ts';

function useTrack<E extends HTMLMediaElement>(track: MediaStreamTrack) {
  const ref = useRef<E>(null);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    element.srcObject = new MediaStream([track]);
    // Rejected when the element goes away before it has started; the next one starts by itself.
    element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return ref;
}

export function Video({ track, isMirrored = false }: { track: MediaStreamTrack; isMirrored?: boolean }) {
  const ref = useTrack<HTMLVideoElement>(track);
  return <video ref={ref} muted playsInline autoPlay className={isMirrored ? 'mirrored' : undefined} />;
}

export function Audio({ track }: { track: MediaStreamTrack }) {
  const ref = useTrack<HTMLAudioElement>(track);
  // biome-ignore lint/a11y/useMediaCaption: live speech has no caption track
  return <audio ref={ref} autoPlay />;
}

/** A live bar of how loud the microphone is. Moved outside of React: it changes with every frame. */
export function LevelBar({ track }: { track: MediaStreamTrack | null }) {
  const fill = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (track === null) return;
    const meter = openLevelMeter(track);
    let shown = 0;
    let frame = 0;
    const draw = () => {
      const now = meterPosition(meter.readDb());
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
    };
  }, [track]);
  return (
    <div className="level" role="img" aria-label={t('Microphone level')}>
      <span ref={fill} className="level-fill" />
    </div>
  );
}
