import '../styles/studio.css';
import { useEffect, useRef, useState } from 'react';
import { useDarkStudio } from '../hooks/use-dark-studio.ts';
import { useStore } from '../hooks/use-store.ts';
import { AppError, type rest } from '../protocol.ts';
import { LocalMedia } from '../studio/local-media.ts';
import { recall, remember } from '../studio/memory.ts';
import { Studio } from '../studio/studio.ts';
import { Ended } from './ended.tsx';
import { GreenRoom } from './green-room.tsx';
import { Page } from './page.tsx';
import { Room } from './room.tsx';

export interface StudioFlowProps {
  /** Under what the seat is remembered: the token of the link, or the session's id for its host. */
  place: string;
  title: string;
  subtitle: string;
  fixedName: string | null;
  /** Where a host goes back to. */
  sessionPath: string | null;
  takeSeat: (name: string, credential: string | undefined) => Promise<rest.Seat>;
}

/** Green room, room, and what follows: the same for guests and hosts. */
export function StudioFlow(props: StudioFlowProps) {
  useDarkStudio();
  const { place, takeSeat } = props;
  const [local] = useState(() => new LocalMedia());
  const [stay, setStay] = useState<{ studio: Studio; credential: string } | null>(null);
  const current = useRef<Studio | null>(null);

  useEffect(
    () => () => {
      current.current?.leave();
      local.stop();
    },
    [local],
  );

  const enter = (credential: string) => {
    void local.start();
    const studio = new Studio(credential, local);
    current.current = studio;
    setStay({ studio, credential });
  };
  const join = async (name: string) => {
    const { credential } = await seatFor(place, name, takeSeat);
    remember(`seat.${place}`, { credential });
    enter(credential);
  };

  if (stay === null) {
    return (
      <Page title={props.title}>
        <GreenRoom {...props} local={local} onJoin={join} />
      </Page>
    );
  }
  return (
    <InStudio
      studio={stay.studio}
      sessionPath={props.sessionPath}
      onAgain={() => enter(stay.credential)}
      onGreenRoom={() => setStay(null)}
    />
  );
}

/** The seat of last time, if it still holds; else a new one. */
async function seatFor(
  place: string,
  name: string,
  takeSeat: StudioFlowProps['takeSeat'],
): Promise<rest.Seat> {
  const credential = recall(`seat.${place}`)?.credential;
  try {
    return await takeSeat(name, credential);
  } catch (thrown) {
    const isStale = thrown instanceof AppError && thrown.code === 'credential_invalid';
    if (credential === undefined || !isStale) throw thrown;
    return takeSeat(name, undefined);
  }
}

function InStudio(props: {
  studio: Studio;
  sessionPath: string | null;
  onAgain: () => void;
  onGreenRoom: () => void;
}) {
  const state = useStore(props.studio.store);
  return state.ending === null ? (
    <Room studio={props.studio} state={state} />
  ) : (
    <Ended {...props} ending={state.ending} room={state.room} />
  );
}
