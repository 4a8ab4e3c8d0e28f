import { useEffect, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { t } from '../i18n/t.ts';
import { causeName, isFault, isSilence } from '../player/causes.ts';
import type { PlayerState, StemPlayer } from '../player/stem-player.ts';
import type { View } from '../player/view.ts';
import type { rest } from '../protocol.ts';
import { kindOf } from '../protocol.ts';
import { Waveform } from './waveform.tsx';

export type Gap = NonNullable<rest.Certificate['stems'][number]['gaps']>[number];

export interface Shown {
  player: StemPlayer;
  state: PlayerState;
  view: View;
}

export const percent = (view: View, s: number) => ((s - view.startS) / view.lengthS) * 100;

/** What is clicked is where it goes on. Keys have the slider. */
export function Surface({ player, state, view, children }: Shown & { children: React.ReactNode }) {
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

/** One stem: its waveform or pictures, and where there is nothing. */
export function Lane({
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
              aria-label={t('Solo {name}', { name: stem.name })}
              isSelected={state.solo.has(stemId)}
              onChange={() => player.toggleSolo(stemId)}
            >
              {t('Solo')}
            </ToggleButton>
            <ToggleButton
              className="player-toggle"
              aria-label={t('Mute {name}', { name: stem.name })}
              isSelected={state.muted.has(stemId)}
              onChange={() => player.toggleMute(stemId)}
            >
              {t('Mute')}
            </ToggleButton>
          </span>
        )}
      </div>
      <Surface {...shown}>
        {isSound && peaksUrl === null && <span className="player-unmade">{t('No waveform yet')}</span>}
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
export const isMarked = ({ startUs, endUs, cause }: Gap) => !isSilence(cause) && endUs - startUs >= 20_000;

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
const THUMBS_SHOWN = 8;

/** As many small pictures as there is room for, cut out of the sheet. */
function Thumbs({ url, view, durationS }: { url: string; view: View; durationS: number }) {
  const intervalS = Math.max(2, durationS / 100);
  const count = Math.max(1, Math.ceil(durationS / intervalS - 1e-9));
  const rows = Math.ceil(count / THUMB_COLUMNS);
  const placesS = Array.from(
    { length: THUMBS_SHOWN },
    (_, index) => view.startS + ((index + 0.5) / THUMBS_SHOWN) * view.lengthS,
  );
  return (
    <span className="player-thumbs" aria-hidden="true">
      {placesS.map(atS => {
        const number = Math.min(count - 1, Math.floor(atS / intervalS));
        const [column, row] = [number % THUMB_COLUMNS, Math.floor(number / THUMB_COLUMNS)];
        const style = {
          backgroundImage: `url("${url}")`,
          backgroundSize: `${THUMB_COLUMNS * 100}% ${rows * 100}%`,
          backgroundPosition: `${(column / (THUMB_COLUMNS - 1)) * 100}% ${rows > 1 ? (row / (rows - 1)) * 100 : 0}%`,
        };
        return <span key={atS} className="player-thumb" style={style} />;
      })}
    </span>
  );
}
