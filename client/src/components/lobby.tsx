import { useTitle } from '../hooks/use-title.ts';
import { t } from '../i18n/t.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import { Button } from './controls.tsx';

export interface LobbyProps {
  lobby: NonNullable<StudioState['lobby']>;
  studio: Studio;
}

/** Before the room: somebody has to let this person in. Nothing is known here of who is inside. */
export function Lobby({ lobby, studio }: LobbyProps) {
  useTitle(t('Waiting – {title}', { title: lobby.title }));
  return (
    <main className="lobby">
      <div className="card stack">
        <h1>{lobby.title}</h1>
        <p role="status" className="lobby-status">
          <span className="spinner" aria-hidden="true" />
          <span>
            <strong>{t('Waiting to be let in.')}</strong>{' '}
            {lobby.hostIsHere
              ? t('The host sees that you are here.')
              : t('The host is not here yet, and will see you when they come.')}
          </span>
        </p>
        <p className="hint">
          {t('Keep this page open: it goes on by itself. Nobody sees or hears you meanwhile.')}
        </p>
        <div className="row">
          <Button onPress={() => studio.leave()}>{t('Leave')}</Button>
        </div>
      </div>
    </main>
  );
}
