import { useStore } from '../hooks/use-store.ts';
import { count, t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { RecordingCheck } from '../protocol.ts';
import { presence, sourceName } from '../studio/names.ts';
import { type MicrophoneState, type Preflight, preflight } from '../studio/preflight.ts';
import type { RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import type { ViewChoice } from '../studio/view.ts';
import { Button, Problem } from './controls.tsx';
import { Icon } from './icon.tsx';
import { Modal } from './modal.tsx';
import { Toggle } from './toggle.tsx';

export interface PreflightDialogProps {
  studio: Studio;
  room: RoomState;
  choice: ViewChoice;
  /** Null until the recorder has answered, and when it refuses. */
  check: RecordingCheck | null;
  onStart: () => void;
  onClose: () => void;
}

/** Before the light comes on: whether the recorder would take it, and what of everybody will be recorded. */
export function PreflightDialog({ studio, room, choice, check, onStart, onClose }: PreflightDialogProps) {
  const voices = useStore(studio.listening.store);
  useStore(studio.local.store);
  const { problem } = useStore(studio.store);
  const view = useStore(choice.store);
  const found = preflight(room, voices, studio.sending);
  const isDoubtful = found.some(each => each.isDoubtful);
  return (
    <Modal title={t('Before recording')} onClose={onClose}>
      {check !== null && <Admission {...check} />}
      <Problem text={problem === null ? null : told(problem)} />
      <ul className="preflight" aria-label={t('What will be recorded')}>
        {found.map(each => (
          <Row key={each.person.participantId} found={each} />
        ))}
      </ul>
      {found.length === 0 && <p>{t('Nobody is here who could be recorded.')}</p>}
      <Toggle
        label={t('Count down')}
        hint={t('Everybody sees 3, 2, 1 before the light comes on.')}
        isOn={view.countsDown}
        onChange={countsDown => choice.choose({ countsDown })}
      />
      <Toggle
        label={t('Slate tone')}
        hint={t('When the light comes on, a short tone is in everybody’s stem.')}
        isOn={view.slate}
        onChange={slate => choice.choose({ slate })}
      />
      <div className="row">
        <Button look="record" onPress={onStart}>
          <span className="record-mark" aria-hidden="true" />
          {isDoubtful ? t('Record anyway') : t('Record')}
        </Button>
        <Button onPress={onClose}>{t('Not yet')}</Button>
      </div>
    </Modal>
  );
}

/** What the recorder says; what would keep it from recording stands where problems stand. */
function Admission({ diskHours }: RecordingCheck) {
  return (
    <p className="preflight-recorder" role="status">
      <Icon name="check" />
      <span>
        {t('The recorder, its store and its keys are ready.')}{' '}
        {diskHours !== null &&
          count(
            'Its disk alone would hold an hour of this.|Its disk alone would hold {n} hours of this.',
            Math.floor(diskHours),
          )}
      </span>
    </p>
  );
}

const microphoneWords = (microphone: MicrophoneState): string => {
  switch (microphone) {
    case 'heard':
      return t('microphone heard');
    case 'listening':
      return t('microphone just opened');
    case 'unheard':
      return t('nothing heard: have them say something');
    case 'muted':
      return t('microphone muted');
    case 'none':
      return t('no microphone');
  }
};

function Row({ found }: { found: Preflight }) {
  const { person, microphone, others, isDoubtful } = found;
  const state = presence(person);
  const words = [
    ...(state === null ? [] : [state]),
    microphoneWords(microphone),
    ...others.map(source => sourceName(source)),
  ];
  return (
    <li data-level={isDoubtful ? 'warning' : microphone === 'heard' ? 'safe' : 'idle'}>
      <Icon name={isDoubtful ? 'alert' : microphone === 'heard' ? 'check' : 'micOff'} />
      <span>
        <bdi>{person.displayName}</bdi> <span className="muted">{words.join(' · ')}</span>
      </span>
    </li>
  );
}
