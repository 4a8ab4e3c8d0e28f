import '../styles/studio.css';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useDarkStudio } from '../hooks/use-dark-studio.ts';
import { t } from '../i18n/t.ts';
import { AppError, type rest } from '../protocol.ts';
import { LocalMedia } from '../studio/local-media.ts';
import { recall, remember } from '../studio/memory.ts';
import type { OpenProbe } from '../studio/network-probe.ts';
import { whenIdle } from '../when-idle.ts';
import { GreenRoom, type Keeper } from './green-room.tsx';
import { Loading, Page } from './page.tsx';

// The room is fetched while the person is still in the green room.
const loadStay = () => import('./stay.tsx');
const Stay = lazy(loadStay);

export interface StudioFlowProps {
  /** Under what the seat is remembered: the token of the link, or the session's id for its host. */
  place: string;
  title: string;
  subtitle: string;
  fixedName: string | null;
  /** Sees and hears, and sends nothing: no microphone or camera is asked for. */
  isProducer: boolean;
  keeper: Keeper;
  openProbe: OpenProbe;
  /** Where a host goes back to. */
  sessionPath: string | null;
  takeSeat: (name: string, credential: string | undefined) => Promise<rest.Seat>;
}

/** Green room, room, and what follows: the same for guests and hosts. */
export function StudioFlow(props: StudioFlowProps) {
  useDarkStudio();
  const { place, takeSeat } = props;
  const [local] = useState(() => new LocalMedia());
  const [seat, setSeat] = useState<rest.Seat | null>(null);
  useEffect(() => {
    const giveUp = whenIdle(() => void loadStay());
    return () => {
      giveUp();
      local.stop();
    };
  }, [local]);

  const join = async (name: string) => {
    const taken = await seatFor(place, name, takeSeat);
    remember(`seat.${place}`, { credential: taken.credential });
    setSeat(taken);
  };

  if (seat === null) {
    return (
      <Page title={props.title}>
        <GreenRoom {...props} local={local} onJoin={join} />
      </Page>
    );
  }
  return (
    <Suspense fallback={<Loading what={t('the room')} />}>
      <Stay
        credential={seat.credential}
        isProducer={seat.role === 'producer'}
        local={local}
        sessionPath={props.sessionPath}
        // The other tab has changed the credential, so the seat is taken anew; where that fails, the green room says why.
        onAgain={() => void join(seat.displayName).catch(() => setSeat(null))}
        onGreenRoom={() => setSeat(null)}
      />
    </Suspense>
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
