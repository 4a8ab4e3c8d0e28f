import { useCallback, useEffect, useState } from 'react';
import { clockTime } from '../format.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { lightOf, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';

const SHOWN_MS = 4_000;

/** Marks this moment, where it is being recorded. @returns the marker, for as long as it is said that it was set */
export function useMarkNow(studio: Studio, room: RoomState): [rest.Marker | null, () => void] {
  const [marked, setMarked] = useState<rest.Marker | null>(null);
  const isOn = lightOf(room.recording) === 'on';
  const mark = useCallback(() => {
    if (isOn) void studio.recording.mark().then(setMarked);
  }, [studio, isOn]);
  useEffect(() => {
    if (marked === null) return;
    const timer = setTimeout(() => setMarked(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [marked]);
  return [marked, mark];
}

export function Marked({ marker }: { marker: rest.Marker | null }) {
  return (
    <p className="room-toast" role="status">
      {marker !== null && <span>{t('Marked at {time}', { time: clockTime(marker.atMs) })}</span>}
    </p>
  );
}
