import { type FormEvent, useEffect, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useAction } from '../hooks/use-action.ts';
import { useStore } from '../hooks/use-store.ts';
import { rich, t } from '../i18n/t.ts';
import { type LocalMedia, type LocalMediaState, trackOf } from '../studio/local-media.ts';
import { recall, remember } from '../studio/memory.ts';
import { CaptureProblems, DevicePicker, SoundSwitches } from './capture-settings.tsx';
import { Button, Field, Problem } from './controls.tsx';
import { Icon } from './icon.tsx';
import { LevelBar, Video } from './media.tsx';

export interface GreenRoomProps {
  title: string;
  subtitle: string;
  /** A host goes by the name of their account; a guest types one. */
  fixedName: string | null;
  isProducer: boolean;
  local: LocalMedia;
  onJoin: (name: string) => Promise<void>;
}

/** One step before the room: a name, and devices that are seen and heard to work. */
export function GreenRoom({ title, subtitle, fixedName, isProducer, local, onJoin }: GreenRoomProps) {
  const media = useStore(local.store);
  const [name, setName] = useState(() => fixedName ?? recall('name') ?? '');
  const { isPending, problem, run } = useAction();
  useEffect(() => {
    if (!isProducer) void local.start();
  }, [local, isProducer]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fixedName === null) remember('name', name);
    void run(() => onJoin(name));
  };
  return (
    <div className="green-room">
      <div className="green-room-heading">
        <h1>{title}</h1>
        <p className="muted">{subtitle}</p>
      </div>
      {isProducer ? <ProducerPreview /> : <Preview media={media} />}
      <Form className="card stack" onSubmit={submit}>
        {fixedName === null ? (
          <Field
            label={t('Your name')}
            isRequired
            problems={{ valueMissing: t('Enter the name that the others will see.') }}
            autoComplete="name"
            maxLength={60}
            value={name}
            onChange={setName}
          />
        ) : (
          <p>{rich('You join as {name}.', { name: <strong>{fixedName}</strong> })}</p>
        )}
        {!isProducer && <Devices local={local} media={media} />}
        <Problem text={problem} />
        <p className="hint">
          {isProducer
            ? t('The others see your name, and that you are a producer.')
            : `${whatHappens(media)} ${t('What you send may be recorded; a red light shows when it is.')}`}
        </p>
        <Button type="submit" look="primary" isPending={isPending}>
          {t('Join')}
        </Button>
      </Form>
    </div>
  );
}

function Devices({ local, media }: { local: LocalMedia; media: LocalMediaState }) {
  return (
    <>
      <CaptureProblems local={local} />
      <div className="field">
        <DevicePicker kind="microphone" local={local} />
        <LevelBar track={trackOf(media.microphone)} />
      </div>
      <DevicePicker kind="camera" local={local} />
      <details className="disclosure">
        <summary>
          <Icon name="chevron" />
          {t('Sound processing')}
        </summary>
        <SoundSwitches local={local} />
      </details>
    </>
  );
}

/** In place of a picture of oneself, which there is none of. */
function ProducerPreview() {
  return (
    <div className="preview">
      <p className="preview-off muted">
        <Icon name="ear" />
        {t('You see and hear everybody. Nobody sees or hears you, and nothing of you is recorded.')}
      </p>
    </div>
  );
}

function Preview({ media }: { media: LocalMediaState }) {
  const track = trackOf(media.camera);
  return (
    <div className="preview">
      {track === null ? (
        <p className="preview-off muted">
          <Icon name={media.camera.status === 'opening' ? 'camera' : 'cameraOff'} />
          {media.camera.status === 'opening' ? t('Starting the camera…') : t('Your camera is off')}
        </p>
      ) : (
        <Video track={track} isMirrored />
      )}
    </div>
  );
}

function whatHappens({ microphone, camera }: LocalMediaState): string {
  const isOpening = microphone.status === 'opening' || camera.status === 'opening';
  if (isOpening) return t('Allow the microphone and the camera when your browser asks.');
  const hasMicrophone = microphone.status === 'on';
  const hasCamera = camera.status === 'on';
  if (hasMicrophone && hasCamera) return t('You join with sound and picture.');
  if (hasMicrophone) return t('You join with sound only.');
  return hasCamera
    ? t('You join with picture only: the others will not hear you.')
    : t('You join to listen only.');
}
