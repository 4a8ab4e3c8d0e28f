import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { clockTime } from '../format.ts';
import { useStore } from '../hooks/use-store.ts';
import { causeName, isFault, isSilence } from '../player/causes.ts';
import { type PlayerState, StemPlayer } from '../player/stem-player.ts';
import { following, ticks, type View, zoomed } from '../player/view.ts';
import type { rest } from '../protocol.ts';
import { kindOf } from '../protocol.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { Markers } from './markers.tsx';
import { Waveform } from './waveform.tsx';

type Gap = NonNullable<rest.Certificate['stems'][number]['gaps']>[number];

export interface StemTimelineProps {
  stems: readonly rest.Stem[];
  durationS: number;
  /** By the stem's name; empty while the certificate is not there. */
  gaps: ReadonlyMap<string, readonly Gap[]>;
  recordingId: string;
  markers: readonly rest.Marker[];
  reload: () => Promise<void>;
}

/** All stems on one time axis, to be heard together. */
export function StemTimeline({ stems, durationS, gaps, recordingId, markers, reload }: StemTimelineProps) {
  const player = usePlayer(durationS);
  const state = useStore(player.store);
  const [view, setView] = useState<View>({ startS: 0, lengthS: durationS });
  const { timeS } = state;
  useEffect(() => {
    setView(before => following(before, timeS, durationS));
  }, [timeS, durationS]);
  const seen = stems.filter(stem => kindOf(stem.source) === 'video' && stem.previewUrl !== null);
  return (
    <section className="card stack player" aria-labelledby="listen-heading">
      <h2 id="listen-heading">Listen</h2>
      {seen.length > 0 && (
        <div className="player-pictures">
          {seen.map(stem => (
            <Picture key={stem.stemId} stem={stem} player={player} />
          ))}
        </div>
      )}
      <Transport player={player} state={state} view={view} onView={setView} />
      <div className="player-lanes">
        <Ruler {...{ player, state, view, markers }} />
        {stems.map(stem => (
          <Lane
            key={stem.stemId}
            {...{ stem, player, state, view }}
            durationS={durationS}
            gaps={gaps.get(stem.name) ?? []}
          />
        ))}
      </div>
      <Markers
        {...{ recordingId, markers, reload }}
        placeS={() => player.placeS}
        onSeek={timeS => player.seek(timeS)}
      />
      <Missing gaps={gaps} player={player} />
    </section>
  );
}

function usePlayer(durationS: number): StemPlayer {
  const player = useMemo(() => new StemPlayer(durationS), [durationS]);
  useEffect(() => () => player.close(), [player]);
  return player;
}

interface Shown {
  player: StemPlayer;
  state: PlayerState;
  view: View;
}

function Transport({
  player,
  state,
  view,
  onView,
}: Shown & { onView: (change: (view: View) => View) => void }) {
  const { durationS } = player;
  const zoom = (factor: number) => onView(before => zoomed(before, factor, player.placeS, durationS));
  return (
    <div className="row row-between">
      <div className="row">
        <Button
          look="primary"
          aria-label={state.playing ? 'Pause' : 'Play'}
          onPress={() => (state.playing ? player.pause() : player.play())}
        >
          <Icon name={state.playing ? 'pause' : 'play'} />
        </Button>
        <span className="player-time" data-testid="player-time">
          {clockTime(state.timeS * 1000)} <span className="muted">/ {clockTime(durationS * 1000)}</span>
        </span>
        {state.waiting && (
          <span className="row muted" role="status">
            <span className="spinner" aria-hidden="true" /> Loading
          </span>
        )}
      </div>
      <div className="row">
        <Button aria-label="Show less time, in more detail" onPress={() => zoom(0.5)}>
          <Icon name="closer" />
        </Button>
        <Button aria-label="Show more time" isDisabled={view.lengthS >= durationS} onPress={() => zoom(2)}>
          <Icon name="farther" />
        </Button>
      </div>
    </div>
  );
}

const percent = (view: View, s: number) => ((s - view.startS) / view.lengthS) * 100;

/** The time, and where to go on: a slider for keys and screen readers, a surface for pointers. */
function Ruler({ player, state, view, markers }: Shown & Pick<StemTimelineProps, 'markers'>) {
  const { durationS } = player;
  const seekTo = (event: React.ChangeEvent<HTMLInputElement>) => player.seek(Number(event.target.value));
  return (
    <div className="player-lane player-ruler">
      <div className="player-head">
        <input
          type="range"
          className="player-seek"
          aria-label="Place in the recording"
          aria-valuetext={clockTime(state.timeS * 1000)}
          min={0}
          max={durationS}
          step={1}
          value={state.timeS}
          onChange={seekTo}
        />
      </div>
      <Surface player={player} view={view} state={state}>
        {ticks(view, 6).map(s => (
          <span key={s} className="player-tick" style={{ insetInlineStart: `${percent(view, s)}%` }}>
            {clockTime(s * 1000)}
          </span>
        ))}
        {markers
          .map(marker => ({ ...marker, at: percent(view, marker.atMs / 1000) }))
          .filter(({ at }) => at >= 0 && at <= 100)
          .map(({ markerId, name, at }) => (
            <span
              key={markerId}
              className="player-marker"
              title={name}
              style={{ insetInlineStart: `${at}%` }}
            />
          ))}
      </Surface>
    </div>
  );
}

/** What is clicked is where it goes on. Keys have the slider. */
function Surface({ player, state, view, children }: Shown & { children: React.ReactNode }) {
  const seek = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(view.startS + ((event.clientX - box.left) / box.width) * view.lengthS);
  };
  const place = percent(view, state.timeS);
  return (
    <div className="player-surface" onPointerDown={seek}>
      {children}
      {place >= 0 && place <= 100 && (
        <span className="player-place" style={{ insetInlineStart: `${place}%` }} aria-hidden="true" />
      )}
    </div>
  );
}

function Lane({
  stem,
  gaps,
  durationS,
  ...shown
}: Shown & { stem: rest.Stem; gaps: readonly Gap[]; durationS: number }) {
  const { player, state, view } = shown;
  const { stemId, previewUrl, peaksUrl, thumbsUrl } = stem;
  const isSound = kindOf(stem.source) === 'audio';
  const audio = useRef<HTMLAudioElement>(null);
  const url = useSettled(previewUrl, state.playing);
  useEffect(() => {
    if (audio.current !== null && url !== null) player.add({ id: stemId, kind: 'audio', url }, audio.current);
  }, [player, stemId, url]);
  const isHeard = !isSound || player.isHeard(stemId);
  return (
    <div className="player-lane">
      <div className="player-head">
        <span className="player-name">{stem.name}</span>
        {isSound && previewUrl !== null && (
          <span className="player-toggles">
            {/* biome-ignore lint/a11y/useMediaCaption: a recording as it was made; there is no transcript of it */}
            <audio ref={audio} />
            <ToggleButton
              className="player-toggle"
              aria-label={`Only ${stem.name}`}
              isSelected={state.solo.has(stemId)}
              onChange={() => player.toggleSolo(stemId)}
            >
              Solo
            </ToggleButton>
            <ToggleButton
              className="player-toggle"
              aria-label={`Mute ${stem.name}`}
              isSelected={state.muted.has(stemId)}
              onChange={() => player.toggleMute(stemId)}
            >
              Mute
            </ToggleButton>
          </span>
        )}
      </div>
      <Surface {...shown}>
        {isSound && peaksUrl === null && <span className="player-unmade">No waveform yet</span>}
        {peaksUrl !== null && <Waveform url={peaksUrl} view={view} isHeard={isHeard} />}
        {thumbsUrl !== null && <Thumbs url={thumbsUrl} view={view} durationS={durationS} />}
        {gaps.filter(isMarked).map(gap => (
          <GapMark key={`${gap.startUs} ${gap.cause}`} gap={gap} view={view} />
        ))}
      </Surface>
    </div>
  );
}

/** A stem that is being heard is not changed for its finished file before it pauses. */
function useSettled(url: string | null, playing: boolean): string | null {
  const [settled, setSettled] = useState(url);
  useEffect(() => {
    setSettled(before => (playing && before !== null ? before : url));
  }, [url, playing]);
  return settled;
}

/** Thinner ones are not to be seen, and there may be thousands. */
const isMarked = ({ startUs, endUs, cause }: Gap) => !isSilence(cause) && endUs - startUs >= 20_000;

function GapMark({ gap, view }: { gap: Gap; view: View }) {
  const from = Math.max(0, percent(view, gap.startUs / 1e6));
  const to = Math.min(100, percent(view, gap.endUs / 1e6));
  if (to <= 0 || from >= 100) return null;
  return (
    <span
      className={isFault(gap.cause) ? 'player-gap player-gap-fault' : 'player-gap'}
      title={causeName(gap.cause)}
      style={{ insetInlineStart: `${from}%`, inlineSize: `max(2px, ${to - from}%)` }}
    />
  );
}

const THUMB_COLUMNS = 10;

/** As many small pictures as there is room for, cut out of the sheet. */
function Thumbs({ url, view, durationS }: { url: string; view: View; durationS: number }) {
  const intervalS = Math.max(2, durationS / 100);
  const count = Math.max(1, Math.ceil(durationS / intervalS - 1e-9));
  const rows = Math.ceil(count / THUMB_COLUMNS);
  const shown = 8;
  return (
    <span className="player-thumbs" aria-hidden="true">
      {Array.from({ length: shown }, (_, index) => {
        const atS = view.startS + ((index + 0.5) / shown) * view.lengthS;
        const number = Math.min(count - 1, Math.floor(atS / intervalS));
        const [column, row] = [number % THUMB_COLUMNS, Math.floor(number / THUMB_COLUMNS)];
        const style = {
          backgroundImage: `url("${url}")`,
          backgroundSize: `${THUMB_COLUMNS * 100}% ${rows * 100}%`,
          backgroundPosition: `${(column / (THUMB_COLUMNS - 1)) * 100}% ${rows > 1 ? (row / (rows - 1)) * 100 : 0}%`,
        };
        // biome-ignore lint/suspicious/noArrayIndexKey: they are places, and stay where they are
        return <span key={index} className="player-thumb" style={style} />;
      })}
    </span>
  );
}

function Picture({ stem, player }: { stem: rest.Stem; player: StemPlayer }) {
  const { stemId, previewUrl, participantName } = stem;
  const attach = useCallback(
    (element: HTMLVideoElement | null) => {
      if (element !== null && previewUrl !== null)
        player.add({ id: stemId, kind: 'video', url: previewUrl }, element);
    },
    [player, stemId, previewUrl],
  );
  return (
    <figure className="player-picture">
      <video ref={attach} muted playsInline />
      <figcaption>{participantName}</figcaption>
    </figure>
  );
}

const SHORTEST_SHOWN_US = 200_000;
const MOST_SHOWN = 200;

/** The same as the marks in the lanes, in words and in the order of time. */
function Missing({ gaps, player }: { gaps: StemTimelineProps['gaps']; player: StemPlayer }) {
  const all = [...gaps]
    .flatMap(([name, list]) => list.map(gap => ({ name, ...gap })))
    .filter(gap => isMarked(gap) && gap.endUs - gap.startUs >= SHORTEST_SHOWN_US)
    .sort((a, b) => a.startUs - b.startUs);
  if (all.length === 0) return null;
  return (
    <details className="disclosure">
      <summary>
        <Icon name="chevron" /> What is missing, and why ({all.length})
      </summary>
      <ul className="player-missing">
        {all.slice(0, MOST_SHOWN).map(({ name, startUs, endUs, cause }) => (
          <li key={`${name} ${startUs} ${cause}`}>
            <Button look="quiet" onPress={() => player.seek(startUs / 1e6)}>
              {clockTime(startUs / 1000)}
            </Button>
            <span>
              {name}: {causeName(cause)}, {((endUs - startUs) / 1e6).toFixed(1)} s
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
