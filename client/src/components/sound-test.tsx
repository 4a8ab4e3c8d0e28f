import { useEffect, useRef, useState } from 'react';
import { type PlainKey, t } from '../i18n/t.ts';
import type { SoundFinding, SoundTestPhase } from '../studio/sound-test.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

type State = { phase: SoundTestPhase } | { phase: 'idle' | 'failed' } | { found: readonly SoundFinding[] };

const phases: Record<SoundTestPhase | 'failed', PlainKey> = {
  recording: 'Recording for three seconds: say something…',
  playing: 'This is how the others hear you…',
  failed: 'The test could not be made. Your microphone works all the same if its level moves.',
};

const findings: Record<SoundFinding, PlainKey> = {
  silent: 'Nothing was heard. Is the right microphone chosen, and is it switched on?',
  quiet: 'You are very quiet. Come closer, or turn the microphone up.',
  'too-loud': 'You are too loud: the sound is cut off. Move away a little, or turn the microphone down.',
  noisy: 'There is much noise around you. Find a quieter place, or turn noise suppression on.',
  echo: 'Your microphone hears your loudspeaker. Use headphones, or turn echo cancellation on.',
};

/** Records a moment, plays it back, and says what is wrong with it. Another microphone is another test: give it a key. */
export function SoundTest({ track }: { track: MediaStreamTrack }) {
  const [state, setState] = useState<State>({ phase: 'idle' });
  const giveUp = useRef<AbortController | null>(null);
  useEffect(() => () => giveUp.current?.abort(), []);
  const start = async () => {
    const controller = new AbortController();
    giveUp.current = controller;
    const { signal } = controller;
    try {
      // Not everybody asks for it.
      const { testSound } = await import('../studio/sound-test.ts');
      const found = await testSound(track, { signal, onPhase: phase => setState({ phase }) });
      setState({ found });
    } catch {
      if (!signal.aborted) setState({ phase: 'failed' });
    }
  };
  const isRunning = 'phase' in state && (state.phase === 'recording' || state.phase === 'playing');
  return (
    <div className="check">
      <Button isPending={isRunning} onPress={() => void start()}>
        {t('Test your sound')}
      </Button>
      <div role="status" className="check-result">
        {'found' in state ? (
          <Findings found={state.found} />
        ) : (
          state.phase !== 'idle' && t(phases[state.phase])
        )}
      </div>
    </div>
  );
}

function Findings({ found }: { found: readonly SoundFinding[] }) {
  if (found.length === 0) {
    return (
      <p className="check-good">
        <Icon name="check" />
        {t('Your sound is good.')}
      </p>
    );
  }
  return found.map(finding => (
    <p key={finding} className="check-bad">
      <Icon name="alert" />
      {t(findings[finding])}
    </p>
  ));
}
