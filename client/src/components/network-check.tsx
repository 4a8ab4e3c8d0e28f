import { useEffect, useState } from 'react';
import { figure } from '../format.ts';
import { t } from '../i18n/t.ts';
import { type NetworkReport, type OpenProbe, probeNetwork } from '../studio/network-probe.ts';
import { whenIdle } from '../when-idle.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

/** Below this, a picture is small; sound always comes first. */
const GOOD_BPS = 2_000_000;
const POOR_BPS = 600_000;

const detours = {
  tcp: 'This network blocks UDP: TCP is used, and sound may lag at times.',
  relay:
    'This network blocks every direct way to the media server: a relay (TURN) is used, and sound may lag at times.',
} as const;

type State = NetworkReport | 'trying' | 'failed';

/** Tries the way to the media server, and says in plain words what it is like. */
export function NetworkCheck({ openProbe }: { openProbe: OpenProbe }) {
  const [attempt, setAttempt] = useState(0);
  return <Attempt key={attempt} openProbe={openProbe} onAgain={() => setAttempt(attempt + 1)} />;
}

function Attempt({ openProbe, onAgain }: { openProbe: OpenProbe; onAgain: () => void }) {
  const [state, setState] = useState<State>('trying');
  useEffect(() => {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const look = () =>
      void probeNetwork(openProbe, signal).then(
        report => signal.aborted || setState(report),
        () => signal.aborted || setState('failed'),
      );
    const cancel = whenIdle(look);
    return () => {
      cancel();
      giveUp.abort();
    };
  }, [openProbe]);
  const { text, isGood } = describe(state);
  return (
    <div className="check">
      <div role="status" className="check-result">
        <p className={isGood === null ? 'muted' : isGood ? 'check-good' : 'check-bad'}>
          {isGood !== null && <Icon name={isGood ? 'check' : 'alert'} />}
          {text}
        </p>
      </div>
      {isGood === false && (
        <Button look="quiet" onPress={onAgain}>
          {t('Check the network again')}
        </Button>
      )}
    </div>
  );
}

function describe(state: State): { text: string; isGood: boolean | null } {
  if (state === 'trying') return { text: t('Checking the network…'), isGood: null };
  if (state === 'failed')
    return { text: t('The network could not be checked. You can join all the same.'), isGood: null };
  if (state.path === 'none')
    return {
      text: t(
        'This network lets no sound or picture through. Try another network, such as your phone’s, or switch a VPN or firewall off.',
      ),
      isGood: false,
    };
  const { path, uploadBps } = state;
  const speed =
    uploadBps === null
      ? ''
      : t('About {speed} Mbit/s upwards.', { speed: figure(uploadBps / 1e6, uploadBps < 1e7 ? 1 : 0) });
  if (uploadBps !== null && uploadBps < POOR_BPS)
    return {
      text: `${t('The network is slow: your picture may be left out. Your sound comes first.')} ${speed}`,
      isGood: false,
    };
  if (path !== 'udp') return { text: `${t(detours[path])} ${speed}`, isGood: false };
  if (uploadBps !== null && uploadBps < GOOD_BPS)
    return { text: `${t('The network will do; your picture may be small.')} ${speed}`, isGood: true };
  return { text: `${t('The network is good.')} ${speed}`, isGood: true };
}
