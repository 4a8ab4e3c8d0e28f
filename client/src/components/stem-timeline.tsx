import { useCallback, useEffect, useMemo, useState } from 'react';
import { clockTime, seconds } from '../format.ts';
import { type Editing, useMarking } from '../hooks/use-marking.ts';
import { useStore } from '../hooks/use-store.ts';
import { personName } from '../i18n/person-name.ts';
import { t } from '../i18n/t.ts';
import { causeName } from '../player/causes.ts';
import { StemPlayer } from '../player/stem-player.ts';
import { following, ticks, type View, zoomed } from '../player/view.ts';
import type { rest } from '../protocol.ts';
import { kindOf } from '../protocol.ts';
import { shortcutOf } from '../studio/shortcuts.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { MarkerList, Markers } from './markers.tsx';
import { type Gap, isMarked, Lane, percent, type Shown, Surface } from './stem-lane.tsx';

export interface StemTimelineProps {
  stems: readonly rest.Stem[];
  durationS: number;
  /** By the stem's name; empty while the certificate is not there. */
  gaps: ReadonlyMap<string, readonly Gap[]>;
  markers: readonly rest.Marker[];
  /** Null: markers are only shown. */
  editing: Editing | null;
}

/** All stems on one time axis, to be heard together. */
export function StemTimeline({ stems, durationS, gaps, markers, editing }: StemTimelineProps) {
  const player = usePlayer(durationS);
  const state = useStore(player.store);
  const [view, setView] = useState<View>({ startS: 0, lengthS: durationS });
  const { timeS } = state;
  useEffect(() => {
    setView(before => following(before, timeS, durationS));
  }, [timeS, durationS]);
  const seen = stems.filter(stem => kindOf(stem.source) === 'video' && stem.previewUrl !== null);
  const marking = useMarking(editing, () => player.placeS);
  // Only while the focus is in here, so that it is in nobody's way elsewhere on the page.
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!event.repeat && shortcutOf(event, true) === 'marker') marking.mark('');
  };
  const onSeek = (toS: number) => player.seek(toS);
  return (
    <section className="card stack player" aria-labelledby="listen-heading" onKeyDown={onKeyDown}>
      <h2 id="listen-heading">{t('Listen')}</h2>
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
      {editing === null ? (
        <MarkerList {...{ markers, editing, onSeek }} />
      ) : (
        <Markers {...{ markers, editing, marking, onSeek }} markLabel={t('Mark this place (B)')} />
      )}
      <Missing gaps={gaps} player={player} />
    </section>
  );
}

function usePlayer(durationS: number): StemPlayer {
  const player = useMemo(() => new StemPlayer(durationS), [durationS]);
  useEffect(() => () => player.close(), [player]);
  return player;
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
          aria-label={state.playing ? t('Pause') : t('Play')}
          onPress={() => (state.playing ? player.pause() : player.play())}
        >
          <Icon name={state.playing ? 'pause' : 'play'} />
        </Button>
        <span className="player-time" data-testid="player-time">
          {clockTime(state.timeS * 1000)} <span className="muted">/ {clockTime(durationS * 1000)}</span>
        </span>
        {state.waiting && (
          <span className="row muted" role="status">
            <span className="spinner" aria-hidden="true" /> {t('Loading')}
          </span>
        )}
      </div>
      <div className="row">
        <Button aria-label={t('Show less time, in more detail')} onPress={() => zoom(0.5)}>
          <Icon name="closer" />
        </Button>
        <Button
          aria-label={t('Show more time')}
          isDisabled={view.lengthS >= durationS}
          onPress={() => zoom(2)}
        >
          <Icon name="farther" />
        </Button>
      </div>
    </div>
  );
}

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
          aria-label={t('Place in the recording')}
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
      <figcaption>{personName(participantName)}</figcaption>
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
        <Icon name="chevron" /> {t('What is missing, and why ({n})', { n: all.length })}
      </summary>
      <ul className="player-missing">
        {all.slice(0, MOST_SHOWN).map(({ name, startUs, endUs, cause }) => (
          <li key={`${name} ${startUs} ${cause}`}>
            <Button look="quiet" onPress={() => player.seek(startUs / 1e6)}>
              {clockTime(startUs / 1000)}
            </Button>
            <span>
              {name}: {causeName(cause)}, {seconds((endUs - startUs) / 1e6)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
