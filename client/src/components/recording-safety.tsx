import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { clockTime } from '../format.ts';
import { useStale } from '../hooks/use-stale.ts';
import { kindOf, type TrackHealth, type TrackProgress } from '../protocol.ts';
import { sourceNames } from '../studio/names.ts';
import { leads, type ProgressInRoom, type RoomState } from '../studio/room-state.ts';
import { levelOf, onDiskUpToMs, safetyOf, safeUpToMs, troubles } from '../studio/safety.ts';
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
        Waiting for the recorder…
      </span>
    );
  if (safetyOf(progress, you.participantId).level !== 'safe') return null;
  return (
    <span className="safety" data-level="safe" data-testid="own-safety">
      <Icon name="shield" />
      Your recording is safe
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
          Safe up to {clockTime(safeMs)}{' '}
          {stale && <span className="stale-note">waiting for the recorder</span>}
        </span>
      </Button>
      <Popover className="popover settings" placement="bottom end">
        <Dialog className="stack" aria-label="How safe the recording is">
          {stale && (
            <p>
              The recorder has said nothing for some seconds. This is how it was then; it goes on by itself
              when the recorder is back.
            </p>
          )}
          <p>
            All that was said before <strong>{clockTime(safeMs)}</strong> is encrypted and in the store. What
            came since, up to <strong>{clockTime(onDiskUpToMs(progress))}</strong>, is encrypted on the
            recorder’s disk and follows by itself.
          </p>
          <Tracks room={room} tracks={progress.tracks} stale={stale} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

const healthWords: Record<TrackHealth, string> = {
  flowing: 'recorded',
  muted: 'muted',
  gone: 'closed',
  'no-packets': 'sends nothing',
  'store-away': 'waits for the store',
  'disk-nearly-full': 'the disk is nearly full',
};

/** One speaks of a muted microphone, and of a camera that is off. */
const wordOf = ({ health, source }: TrackProgress) =>
  health === 'muted' && kindOf(source) === 'video' ? 'off' : healthWords[health];

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
          <th>Track</th>
          <th>On disk</th>
          <th>In the store</th>
        </tr>
      </thead>
      <tbody>
        {tracks.map(track => (
          <tr key={track.trackId}>
            <th scope="row">
              {nameOf(room, track)}’s {sourceNames[track.source]}
              <span className="safety" data-level={stale ? 'unknown' : levelOf(track)}>
                <span className="safety-dot" aria-hidden="true" />
                {stale ? 'not known' : wordOf(track)}
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
  room.participants.find(each => each.participantId === participantId)?.displayName ?? 'Somebody who left';

/** What is wrong with the recording just now. The live region stands always, so that what appears in it is spoken. */
export function Troubles({ room }: { room: RoomState }) {
  return (
    <ul className="troubles" aria-live="polite" aria-label="Trouble with the recording">
      {troubles(room).map(({ key, level, text }) => (
        <li key={key} data-level={level}>
          <Icon name="alert" />
          {text}
        </li>
      ))}
    </ul>
  );
}
