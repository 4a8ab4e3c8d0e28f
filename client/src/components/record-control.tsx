import { useState } from 'react';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import type { RecordingCheck } from '../protocol.ts';
import { preflight } from '../studio/preflight.ts';
import { lightOf, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import type { ViewChoice } from '../studio/view.ts';
import { Control } from './control.tsx';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { PreflightDialog } from './preflight-dialog.tsx';

export interface RecordControlProps {
  studio: Studio;
  room: RoomState;
  choice: ViewChoice;
}

/**
 * Starts, pauses and stops. When all is well a press begins the countdown; when something is doubtful, that is shown
 * first.
 */
export function RecordControl(props: RecordControlProps) {
  const { studio, room } = props;
  const { recording } = studio;
  const isAsking = useStore(recording.isAsking);
  const light = lightOf(room.recording);
  if (room.countdown !== null)
    return (
      <Button look="record" onPress={() => void recording.callOff()}>
        {t('Call off')}
      </Button>
    );
  if (light !== 'on') return <StartControl {...props} isBusy={isAsking || light !== 'off'} />;
  return (
    <>
      <PauseControl {...props} />
      <Button look="record" isPending={isAsking} onPress={() => void recording.stop()}>
        <span className="record-mark" data-on="true" aria-hidden="true" />
        <span>{t('Stop recording')}</span>
      </Button>
    </>
  );
}

function StartControl({ studio, room, choice, isBusy }: RecordControlProps & { isBusy: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const [check, setCheck] = useState<RecordingCheck | null>(null);
  const start = () => {
    setOpen(false);
    void studio.recording.start(choice.store.get());
  };
  const look = async () => {
    setCheck(null);
    setOpen(true);
    setCheck(await studio.recording.check());
  };
  const startIfWell = async () => {
    const admitted = await studio.recording.check();
    if (admitted === null) return;
    setCheck(admitted);
    const found = preflight(studio.store.get().room ?? room, studio.listening.store.get(), studio.sending);
    if (found.length === 0 || found.some(({ isDoubtful }) => isDoubtful)) setOpen(true);
    else start();
  };
  return (
    <>
      <span className="split-button">
        <Button look="record" isPending={isBusy} onPress={() => void startIfWell()}>
          <span className="record-mark" aria-hidden="true" />
          <span>{t('Start recording')}</span>
        </Button>
        <Button
          look="record"
          aria-label={t('Check before recording')}
          isDisabled={isBusy}
          onPress={() => void look()}
        >
          <Icon name="chevron" />
        </Button>
      </span>
      {isOpen && (
        <PreflightDialog
          studio={studio}
          room={room}
          choice={choice}
          check={check}
          onStart={start}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function PauseControl({ studio, room }: RecordControlProps) {
  const isAsking = useStore(studio.recording.isAsking);
  const isPaused = room.recording?.isPaused === true;
  return (
    <Control
      icon={isPaused ? 'play' : 'pause'}
      text={isPaused ? t('Go on recording') : t('Pause recording')}
      look={isPaused ? 'primary' : 'plain'}
      isDisabled={isAsking}
      onPress={() => void studio.recording.setPaused(!isPaused)}
    />
  );
}
