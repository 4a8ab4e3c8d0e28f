import { useNow } from '../hooks/use-now.ts';
import { t } from '../i18n/t.ts';
import type { CountdownInRoom } from '../studio/room-state.ts';

/** 3, 2, 1: seen by all, over the pictures. */
export function Countdown({ countdown }: { countdown: CountdownInRoom | null }) {
  return (
    // Stands always, so that what appears in it is spoken.
    <div className="countdown" role="status">
      {countdown !== null && <Running countdown={countdown} />}
    </div>
  );
}

function Running({ countdown: { untilMs, by } }: { countdown: CountdownInRoom }) {
  const nowMs = useNow(true, 100);
  return (
    <>
      <span className="countdown-figure">{Math.max(1, Math.ceil((untilMs - nowMs) / 1000))}</span>
      <span className="countdown-words">{t('{name} starts the recording', { name: by })}</span>
    </>
  );
}
