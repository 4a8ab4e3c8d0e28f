import { type FormEvent, useEffect, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { duration } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useStore } from '../hooks/use-store.ts';
import { rich, t } from '../i18n/t.ts';
import { regionNames } from '../pages/names.ts';
import type { Region, rest } from '../protocol.ts';
import { type LocalMedia, type LocalMediaState, trackOf } from '../studio/local-media.ts';
import { recall, remember } from '../studio/memory.ts';
import type { OpenProbe } from '../studio/network-probe.ts';
import { isTooOld } from '../studio/this-browser.ts';
import { CaptureProblems, DevicePicker, SoundSwitches, SpeakerPicker } from './capture-settings.tsx';
import { Button, Field, Notice, Problem } from './controls.tsx';
import { Icon } from './icon.tsx';
import { LevelBar, Video } from './media.tsx';
import { NetworkCheck } from './network-check.tsx';
import { SoundTest } from './sound-test.tsx';

/** Who keeps what is recorded, where, and for how long. */
export interface Keeper {
  name: string;
  region: Region;
  /** For how long. */
  kept: rest.Kept;
}

export interface GreenRoomProps {
  title: string;
  subtitle: string;
  /** A host goes by the name of their account; a guest types one. */
  fixedName: string | null;
  isProducer: boolean;
  /** Whose the recording is. */
  keeper: Keeper;
  openProbe: OpenProbe;
  local: LocalMedia;
  onJoin: (name: string) => Promise<void>;
}

/** One step before the room: a name, and devices that are seen and heard to work. */
export function GreenRoom(props: GreenRoomProps) {
  const { title, subtitle, fixedName, isProducer, keeper, openProbe, local, onJoin } = props;
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
  const microphone = trackOf(media.microphone);
  const mustUpdate = isTooOld();
  return (
    <div className="green-room">
      <div className="green-room-heading">
        <h1>{title}</h1>
        <p className="muted">{subtitle}</p>
      </div>
      <div className="stack">
        {isProducer ? <ProducerPreview /> : <Preview media={media} />}
        <NetworkCheck openProbe={openProbe} />
        {microphone !== null && <SoundTest key={microphone.id} track={microphone} />}
      </div>
      <Form className="card stack" onSubmit={submit}>
        {mustUpdate && (
          <Notice kind="problem">
            <p>
              <strong>{t('This browser is too old.')}</strong>{' '}
              {t('Update it, or open your link in a current Chrome, Edge, Firefox or Safari.')}
            </p>
          </Notice>
        )}
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
          {isProducer ? t('The others see your name, and that you are a producer.') : whatHappens(media)}
        </p>
        {!isProducer && <Consent keeper={keeper} />}
        <Button type="submit" look="primary" isPending={isPending} isDisabled={mustUpdate}>
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
      <SpeakerPicker local={local} />
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

/** What is kept, by whom, and for how long: said before anything can be recorded. */
function Consent({ keeper }: { keeper: Keeper }) {
  return (
    <p className="hint">
      {t(
        'When you join, you agree to be recorded while the light is red: your sound, your picture, and a screen that you share, each as a file of its own.',
      )}{' '}
      {keptWords(keeper)}
    </p>
  );
}

function keptWords({ name: organization, region, kept }: Keeper): string {
  const who = { organization, region: regionNames[region] };
  if (kept.isHeld)
    return t(
      '{organization} keeps them in {region}. A legal hold is in force there: they are not deleted for as long as it lasts.',
      who,
    );
  if (kept.days === null)
    return t(
      '{organization} keeps them in {region} until it deletes them; a day later they are erased for good.',
      who,
    );
  const timed = { ...who, time: duration(kept.days, 'day') };
  return kept.isByPlan
    ? t(
        '{organization} keeps them in {region} for {time}, as its plan allows no longer, if it does not delete them before; a day later they are erased for good.',
        timed,
      )
    : t(
        '{organization} keeps them in {region} for {time}, if it does not delete them before; a day later they are erased for good.',
        timed,
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
