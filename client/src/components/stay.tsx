import { useEffect, useState } from 'react';
import { useStore } from '../hooks/use-store.ts';
import type { LocalMedia } from '../studio/local-media.ts';
import { Studio } from '../studio/studio.ts';
import { Ended } from './ended.tsx';
import { Loading } from './page.tsx';
import { Room } from './room.tsx';

export interface StayProps {
  credential: string;
  local: LocalMedia;
  /** Where a host goes back to. */
  sessionPath: string | null;
  onAgain: () => void;
  onGreenRoom: () => void;
}

/** A stay in the room, from joining to the end. A new credential is a new stay. */
export default function Stay({ credential, local, ...ways }: StayProps) {
  const [studio, setStudio] = useState<Studio | null>(null);
  useEffect(() => {
    void local.start();
    const entered = new Studio(credential, local);
    setStudio(entered);
    return () => entered.leave();
  }, [credential, local]);
  if (studio === null) return <Loading what="the room" />;
  return <InStudio studio={studio} {...ways} />;
}

interface InStudioProps extends Omit<StayProps, 'credential' | 'local'> {
  studio: Studio;
}

function InStudio({ studio, ...ways }: InStudioProps) {
  const state = useStore(studio.store);
  return state.ending === null ? (
    <Room studio={studio} state={state} />
  ) : (
    <Ended {...ways} ending={state.ending} room={state.room} />
  );
}
