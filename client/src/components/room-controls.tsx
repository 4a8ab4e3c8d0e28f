import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { Toolbar } from 'react-aria-components/Toolbar';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import { mayDo } from '../protocol.ts';
import { trackOf } from '../studio/local-media.ts';
import { lightOf, type RoomState, sends } from '../studio/room-state.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import type { ViewChoice } from '../studio/view.ts';
import { CaptureProblems, DevicePicker, SoundSwitches } from './capture-settings.tsx';
import { Control } from './control.tsx';
import { Icon } from './icon.tsx';
import { RecordControl } from './record-control.tsx';
import { ViewControl } from './view-control.tsx';

/** What may stand beside the people. */
export type Panel = 'people' | 'chat' | 'markers';

interface ControlsProps {
  studio: Studio;
  state: StudioState;
  room: RoomState;
  panel: Panel | null;
  /** Messages that came while the chat was closed. */
  unread: number;
  /** Opens it, or closes it. */
  onPanel: (panel: Panel) => void;
  choice: ViewChoice;
  onMark: () => void;
  onHelp: () => void;
}

/** Everything a person can do in the room, at its foot. */
export function RoomControls(props: ControlsProps) {
  const { studio, state, room, panel, unread, onPanel } = props;
  return (
    <footer>
      <Toolbar className="room-controls" aria-label={t('Studio controls')}>
        {sends(room.you.role) ? (
          <SendingControls studio={studio} state={state} />
        ) : (
          <span className="room-role">
            <Icon name="ear" />
            {t('Producer: nobody sees or hears you, and you are not recorded')}
          </span>
        )}
        <HandControl studio={studio} room={room} />
        <Control
          icon="people"
          text={t('People ({n})', { n: room.participants.length })}
          aria-expanded={panel === 'people'}
          onPress={() => onPanel('people')}
        />
        <Control
          icon="chat"
          text={unread > 0 ? t('Chat ({n} new)', { n: unread }) : t('Chat')}
          count={unread}
          aria-expanded={panel === 'chat'}
          onPress={() => onPanel('chat')}
        />
        <Control
          icon="list"
          text={t('Markers')}
          aria-expanded={panel === 'markers'}
          onPress={() => onPanel('markers')}
        />
        <ViewControl choice={props.choice} onHelp={props.onHelp} />
        {lightOf(room.recording) === 'on' && (
          <Control icon="flag" text={t('Mark this moment')} onPress={props.onMark} />
        )}
        {mayDo(room.you.role, 'recording.start') && (
          <RecordControl studio={studio} room={room} choice={props.choice} />
        )}
        <Control icon="leave" text={t('Leave')} look="danger" onPress={() => studio.leave()} />
      </Toolbar>
    </footer>
  );
}

function SendingControls({ studio, state }: { studio: Studio; state: StudioState }) {
  return (
    <>
      <MicrophoneControl studio={studio} state={state} />
      <CameraControl studio={studio} />
      {'getDisplayMedia' in (navigator.mediaDevices ?? {}) && <ScreenControl studio={studio} state={state} />}
      <SettingsControl studio={studio} />
    </>
  );
}

function HandControl({ studio, room }: Pick<ControlsProps, 'studio' | 'room'>) {
  return room.you.hand === null ? (
    <Control icon="hand" text={t('Raise hand')} onPress={() => void studio.people.setHand(true)} />
  ) : (
    <Control
      icon="hand"
      text={t('Lower hand')}
      look="primary"
      onPress={() => void studio.people.setHand(false)}
    />
  );
}

function MicrophoneControl({ studio, state }: { studio: Studio; state: StudioState }) {
  const { microphone } = useStore(studio.local.store);
  const isOpen = trackOf(microphone) !== null && !state.isMuted;
  return isOpen ? (
    <Control icon="mic" text={t('Mute')} onPress={() => studio.toggleMicrophone()} />
  ) : (
    <Control icon="micOff" text={t('Unmute')} look="danger" onPress={() => studio.toggleMicrophone()} />
  );
}

function CameraControl({ studio }: { studio: Studio }) {
  const { camera } = useStore(studio.local.store);
  const toggle = () => void studio.toggleCamera();
  return trackOf(camera) === null ? (
    <Control icon="cameraOff" text={t('Turn camera on')} look="danger" onPress={toggle} />
  ) : (
    <Control icon="camera" text={t('Turn camera off')} onPress={toggle} />
  );
}

function ScreenControl({ studio, state }: { studio: Studio; state: StudioState }) {
  return state.screen === null ? (
    <Control icon="screen" text={t('Share screen')} onPress={() => void studio.shareScreen()} />
  ) : (
    <Control icon="screen" text={t('Stop sharing')} look="primary" onPress={() => studio.stopScreen()} />
  );
}

function SettingsControl({ studio }: { studio: Studio }) {
  return (
    <DialogTrigger>
      <Control icon="settings" text={t('Settings')} />
      <Popover className="popover settings" placement="top">
        <Dialog className="stack" aria-label={t('Microphone and camera')}>
          <CaptureProblems local={studio.local} />
          <DevicePicker kind="microphone" local={studio.local} />
          <DevicePicker kind="camera" local={studio.local} />
          <SoundSwitches local={studio.local} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
