import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { clockTime } from '../format.ts';
import { useStale } from '../hooks/use-stale.ts';
import { useStore } from '../hooks/use-store.ts';
import { type PlainKey, rich, t } from '../i18n/t.ts';
import { kindOf, type TrackHealth, type TrackProgress } from '../protocol.ts';
import { sourceName } from '../studio/names.ts';
import { leads, type ProgressInRoom, type RoomState } from '../studio/room-state.ts';
import { levelOf, onDiskUpToMs, safetyOf, safeUpToMs, troubles } from '../studio/safety.ts';
import type { Studio } from '../studio/studio.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

/** How far the recording is out of danger. It ticks, so it is never announced; `Troubles` are. */
export function RecordingSafety({ room }: { room: RoomState }) {
  const { progress, you } = room;
  const stale = useStale(progress);
  if (progress === null) return null;
  if (leads(you.role)) return <SafeUpTo room={room} progress={progress} stale={stale} />;
  if (stale)
    return (
      <span className="safety" data-level="unknown" data-testid="own-safety">
        <Icon name="shield" />
        {t('Waiting for the recorder…')}
      </span>
    );
  if (safetyOf(progress, you.participantId).level !== 'safe') return null;
  return (
    <span className="safety" data-level="safe" data-testid="own-safety">
      <Icon name="shield" />
      {t('Your recording is safe')}
    </span>
  );
}

interface SafeUpToProps {
  room: RoomState;
  progress: ProgressInRoom;
  stale: boolean;
}

function SafeUpTo({ room, progress, stale }: SafeUpToProps) {
  const safeMs = safeUpToMs(progress.tracks);
  if (safeMs === null) return null;
  return (
    <DialogTrigger>
      <Button look="quiet">
        <Icon name="shield" />
        <span data-testid="safe-up-to" className={stale ? 'stale' : undefined}>
          {t('Safe up to {time}', { time: clockTime(safeMs) })}{' '}
          {stale && <span className="stale-note">{t('waiting for the recorder')}</span>}
        </span>
      </Button>
      <Popover className="popover settings" placement="bottom end">
        <Dialog className="stack" aria-label={t('How safe the recording is')}>
          {stale && (
            <p>
              {t(
                'The recorder has said nothing for some seconds. This is how it was then; it goes on by itself when the recorder is back.',
              )}
            </p>
          )}
          <p>
            {rich(
              'All that was said before {stored} is encrypted and in the store. What came since, up to {kept}, is encrypted on the recorder’s disk and follows by itself.',
              {
                stored: <strong key="stored">{clockTime(safeMs)}</strong>,
                kept: <strong key="kept">{clockTime(onDiskUpToMs(progress))}</strong>,
              },
            )}
          </p>
          <Tracks room={room} tracks={progress.tracks} stale={stale} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

const healthWords: Record<TrackHealth, PlainKey> = {
  flowing: 'recorded',
  muted: 'muted',
  paused: 'paused',
  gone: 'closed',
  'no-packets': 'sends nothing',
  'store-away': 'waits for the store',
  'disk-nearly-full': 'the disk is nearly full',
};

/** One speaks of a muted microphone, and of a camera that is off. */
const wordOf = ({ health, source }: TrackProgress) =>
  t(health === 'muted' && kindOf(source) === 'video' ? 'off' : healthWords[health]);

interface TracksProps {
  room: RoomState;
  tracks: readonly TrackProgress[];
  stale: boolean;
}

function Tracks({ room, tracks, stale }: TracksProps) {
  return (
    <table className="tracks">
      <thead>
        <tr>
          <th>{t('Track')}</th>
          <th>{t('On disk')}</th>
          <th>{t('In the store')}</th>
        </tr>
      </thead>
      <tbody>
        {tracks.map(track => (
          <tr key={track.trackId}>
            <th scope="row">
              {t('{name}’s {source}', { name: nameOf(room, track), source: sourceName(track.source) })}
              <span className="safety" data-level={stale ? 'unknown' : levelOf(track)}>
                <span className="safety-dot" aria-hidden="true" />
                {stale ? t('not known') : wordOf(track)}
              </span>
            </th>
            <td>{clockTime(track.onDiskMs)}</td>
            <td>{clockTime(track.safeMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const nameOf = (room: RoomState, { participantId }: TrackProgress): string =>
  room.participants.find(each => each.participantId === participantId)?.displayName ?? t('Somebody who left');

/** What is wrong with the recording just now. The live region stands always, so that what appears in it is spoken. */
export function Troubles({ studio, room }: { studio: Studio; room: RoomState }) {
  const { silent } = useStore(studio.listening.store);
  return (
    <ul className="troubles" aria-live="polite" aria-label={t('Trouble with the recording')}>
      {troubles(room, silent).map(({ key, level, text }) => (
        <li key={key} data-level={level}>
          <Icon name="alert" />
          {text}
        </li>
      ))}
    </ul>
  );
}
