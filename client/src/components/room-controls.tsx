import type { ReactNode } from 'react';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useStore } from '../hooks/use-store.ts';
import { mayDo } from '../protocol.ts';
import { trackOf } from '../studio/local-media.ts';
import { lightOf, type RoomState, sends } from '../studio/room-state.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import type { ViewChoice } from '../studio/view.ts';
import { CaptureProblems, DevicePicker, SoundSwitches } from './capture-settings.tsx';
import { Button, type ButtonProps } from './controls.tsx';
import { Icon, type IconName } from './icon.tsx';
import { ViewControl } from './view-control.tsx';

/** What may stand beside the people. */
export type Panel = 'people' | 'chat';

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
  onHelp: () => void;
}

/** Everything a person can do in the room, at its foot. */
export function RoomControls(props: ControlsProps) {
  const { studio, state, room, panel, unread, onPanel } = props;
  return (
    <footer className="room-controls" role="toolbar" aria-label="Studio controls">
      {sends(room.you.role) ? (
        <SendingControls studio={studio} state={state} />
      ) : (
        <span className="room-role">
          <Icon name="ear" />
          Producer: nobody sees or hears you, and you are not recorded
        </span>
      )}
      <HandControl studio={studio} room={room} />
      <Control
        icon="people"
        text={`People (${room.participants.length})`}
        aria-expanded={panel === 'people'}
        onPress={() => onPanel('people')}
      />
      <Control
        icon="chat"
        text={unread > 0 ? `Chat (${unread} new)` : 'Chat'}
        count={unread}
        aria-expanded={panel === 'chat'}
        onPress={() => onPanel('chat')}
      />
      <ViewControl choice={props.choice} onHelp={props.onHelp} />
      {mayDo(room.you.role, 'recording.start') && <RecordControl studio={studio} state={state} room={room} />}
      <Control icon="leave" text="Leave" look="danger" onPress={() => studio.leave()} />
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

interface ControlProps extends ButtonProps {
  icon: IconName;
  text: string;
  /** Shown where there is no room for the text. */
  count?: number;
}

function Control({ icon, text, look, count = 0, ...props }: ControlProps) {
  return (
    <Button look={look ?? 'plain'} {...props}>
      <Icon name={icon} />
      <span className="control-text">{text}</span>
      {count > 0 && (
        <span className="control-count" aria-hidden="true">
          {count}
        </span>
      )}
    </Button>
  );
}

function HandControl({ studio, room }: Pick<ControlsProps, 'studio' | 'room'>) {
  return room.you.hand === null ? (
    <Control icon="hand" text="Raise hand" onPress={() => void studio.setHand(true)} />
  ) : (
    <Control icon="hand" text="Lower hand" look="primary" onPress={() => void studio.setHand(false)} />
  );
}

function MicrophoneControl({ studio, state }: { studio: Studio; state: StudioState }) {
  const { microphone } = useStore(studio.local.store);
  const isOpen = trackOf(microphone) !== null && !state.isMuted;
  return isOpen ? (
    <Control icon="mic" text="Mute" onPress={() => studio.toggleMicrophone()} />
  ) : (
    <Control icon="micOff" text="Unmute" look="danger" onPress={() => studio.toggleMicrophone()} />
  );
}

function CameraControl({ studio }: { studio: Studio }) {
  const { camera } = useStore(studio.local.store);
  const toggle = () => void studio.toggleCamera();
  return trackOf(camera) === null ? (
    <Control icon="cameraOff" text="Turn camera on" look="danger" onPress={toggle} />
  ) : (
    <Control icon="camera" text="Turn camera off" onPress={toggle} />
  );
}

function ScreenControl({ studio, state }: { studio: Studio; state: StudioState }) {
  return state.screen === null ? (
    <Control icon="screen" text="Share screen" onPress={() => void studio.shareScreen()} />
  ) : (
    <Control icon="screen" text="Stop sharing" look="primary" onPress={() => studio.stopScreen()} />
  );
}

function SettingsControl({ studio }: { studio: Studio }) {
  return (
    <DialogTrigger>
      <Control icon="settings" text="Settings" />
      <Popover className="popover settings" placement="top">
        <Dialog className="stack" aria-label="Microphone and camera">
          <CaptureProblems local={studio.local} />
          <DevicePicker kind="microphone" local={studio.local} />
          <DevicePicker kind="camera" local={studio.local} />
          <SoundSwitches local={studio.local} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function RecordControl({ studio, state, room }: { studio: Studio; state: StudioState; room: RoomState }) {
  const light = lightOf(room.recording);
  const isOn = light === 'on' || light === 'starting';
  const text: ReactNode = isOn ? 'Stop recording' : 'Start recording';
  return (
    <Button
      look="record"
      isPending={state.isAskingRecorder}
      isDisabled={light === 'finishing' || light === 'starting'}
      onPress={() => void studio.setRecording(!isOn)}
    >
      <span className="record-mark" data-on={isOn} aria-hidden="true" />
      <span>{text}</span>
    </Button>
  );
}
