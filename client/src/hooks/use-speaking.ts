import { useEffect, useState } from 'react';
import { openLevelMeter } from '../studio/level-meter.ts';

const LOOK_EVERY_MS = 150;
/** How long a pause between words still counts as speaking. */
const HOLD_MS = 500;

/** Whether sound comes, from a function that says how loud it is just now (0..1); null while there is none. */
export function useSpeaking(readLevel: (() => number) | null, threshold = 0.02): boolean {
  const [isSpeaking, setSpeaking] = useState(false);
  useEffect(() => {
    if (readLevel === null) return;
    let heardAtMs = Number.NEGATIVE_INFINITY;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      if (readLevel() > threshold) heardAtMs = nowMs;
      setSpeaking(nowMs - heardAtMs < HOLD_MS);
    }, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      setSpeaking(false);
    };
  }, [readLevel, threshold]);
  return isSpeaking;
}

/** The level of this person's own microphone, 0..1, for `useSpeaking`. */
export function useOwnLevel(track: MediaStreamTrack | null): (() => number) | null {
  const [readLevel, setReadLevel] = useState<(() => number) | null>(null);
  useEffect(() => {
    if (track === null) return;
    const meter = openLevelMeter(track);
    setReadLevel(() => () => 10 ** (meter.readDb() / 20));
    return () => {
      meter.close();
      setReadLevel(null);
    };
  }, [track]);
  return readLevel;
}
