import { useEffect, useState } from 'react';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import type { LocalMedia } from '../studio/local-media.ts';
import { Studio } from '../studio/studio.ts';
import { Ended } from './ended.tsx';
import { Lobby } from './lobby.tsx';
import { Loading } from './page.tsx';
import { Room } from './room.tsx';

export interface StayProps {
  credential: string;
  /** They send nothing: their devices stay closed. */
  isProducer: boolean;
  local: LocalMedia;
  /** Where a host goes back to. */
  sessionPath: string | null;
  onAgain: () => void;
  onGreenRoom: () => void;
}

/** A stay in the room, from joining to the end. A new credential is a new stay. */
export default function Stay({ credential, isProducer, local, ...ways }: StayProps) {
  const [studio, setStudio] = useState<Studio | null>(null);
  useEffect(() => {
    if (!isProducer) void local.start();
    const entered = new Studio(credential, local);
    setStudio(entered);
    return () => entered.leave();
  }, [credential, isProducer, local]);
  if (studio === null) return <Loading what={t('the room')} />;
  return <InStudio studio={studio} {...ways} />;
}

interface InStudioProps extends Omit<StayProps, 'credential' | 'isProducer' | 'local'> {
  studio: Studio;
}

function InStudio({ studio, ...ways }: InStudioProps) {
  const state = useStore(studio.store);
  if (state.ending !== null) return <Ended {...ways} ending={state.ending} room={state.room} />;
  if (state.lobby !== null) return <Lobby lobby={state.lobby} studio={studio} />;
  return <Room studio={studio} state={state} />;
}
