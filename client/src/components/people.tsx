import { useState } from 'react';
import { clockTime } from '../format.ts';
import { useStale } from '../hooks/use-stale.ts';
import { t } from '../i18n/t.ts';
import { type ChangeableRole, mayDo, type ParticipantView } from '../protocol.ts';
import { connectionWords } from '../studio/condition-words.ts';
import { presence, sessionRoleNames } from '../studio/names.ts';
import { leads, type RoomState, raisedHands, sends } from '../studio/room-state.ts';
import { type PersonSafety, safetyShown } from '../studio/safety.ts';
import type { Studio } from '../studio/studio.ts';
import { ActionMenu } from './action-menu.tsx';
import { Confirm } from './confirm.tsx';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { RoomSettings } from './room-settings.tsx';

/** Who is there, by name, and what those who run the room can do about it. */
export function People({ studio, room }: { studio: Studio; room: RoomState }) {
  const stale = useStale(room.progress);
  return (
    <aside className="panel people" aria-label={t('People')}>
      <h2>{t('People')}</h2>
      <ul>
        {inOrder(room).map(participant => (
          <Person
            key={participant.participantId}
            studio={studio}
            room={room}
            participant={participant}
            safety={safetyShown(room, participant.participantId, stale)}
          />
        ))}
      </ul>
      {leads(room.you.role) && <RoomSettings studio={studio} room={room} />}
    </aside>
  );
}

/** Raised hands first: they wait to be called. */
function inOrder(room: RoomState): ParticipantView[] {
  const raised = raisedHands(room);
  return [...raised, ...room.participants.filter(({ hand }) => hand === null)];
}

interface PersonProps {
  studio: Studio;
  room: RoomState;
  participant: ParticipantView;
}

function Person({ studio, room, participant, safety }: PersonProps & { safety: PersonSafety | null }) {
  const [isRemoving, setRemoving] = useState(false);
  const { displayName, participantId } = participant;
  const isYou = participantId === room.you.participantId;
  const trouble = connectionWords(participant.condition);
  return (
    <li>
      <span className="person-name">
        {isYou ? t('{name} (you)', { name: displayName }) : displayName}
        <span className="muted">{describe(participant)}</span>
        {participant.hand !== null && (
          <span className="person-hand">
            <Icon name="hand" />
            {t('Hand raised')}
          </span>
        )}
        <Safety safety={safety} />
        {trouble !== null && <span className="person-trouble">{trouble}</span>}
      </span>
      {!isYou && leads(room.you.role) && (
        <PersonMenu
          studio={studio}
          room={room}
          participant={participant}
          onRemove={() => setRemoving(true)}
        />
      )}
      {isRemoving && (
        <Confirm
          title={t('Remove {name}?', { name: displayName })}
          text={t(
            'Remove {name} from the session? A link that is still open lets anybody in again, under another name: lock the room, or revoke the link.',
            { name: displayName },
          )}
          yes={t('Remove')}
          no={t('Keep')}
          onYes={() => void studio.people.remove(participantId)}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}

function PersonMenu({ studio, room, participant, onRemove }: PersonProps & { onRemove: () => void }) {
  const { displayName } = participant;
  const actions = actionsFor(studio, room, participant);
  if (participant.role !== 'host') actions.push({ text: t('Remove…'), run: onRemove });
  if (actions.length === 0) return null;
  return (
    <ActionMenu
      button={
        <Button look="quiet" aria-label={t('Options for {name}', { name: displayName })}>
          <Icon name="more" />
        </Button>
      }
      placement="bottom end"
      actions={actions}
    />
  );
}

/** What may be done to somebody at once; nothing, for a host who cannot even be muted. */
function actionsFor({ people }: Studio, { you, producers }: RoomState, participant: ParticipantView) {
  const { participantId, role, hand } = participant;
  const isHeard = producers.some(p => p.participantId === participantId && p.source === 'mic' && !p.paused);
  const mayMove = mayDo(you.role, 'person.set-role');
  const moveTo = (to: ChangeableRole) => void people.setRole(participantId, to);
  const actions: { text: string; run: () => void }[] = [];
  if (hand !== null)
    actions.push({ text: t('Lower hand'), run: () => void people.lowerHandOf(participantId) });
  if (isHeard) actions.push({ text: t('Mute'), run: () => void people.mute(participantId) });
  if (mayMove && role === 'guest') actions.push({ text: t('Make co-host'), run: () => moveTo('co-host') });
  if (mayMove && role === 'co-host')
    actions.push({ text: t('Make guest again'), run: () => moveTo('guest') });
  return actions;
}

function Safety({ safety }: { safety: PersonSafety | null }) {
  if (safety === null || safety.safeMs === null) return null;
  return (
    <span className={safety.level === 'unknown' ? 'safety stale' : 'safety'} data-level={safety.level}>
      <span className="safety-dot" aria-hidden="true" />
      {safety.level === 'alarm'
        ? t('Not fully recorded')
        : t('Safe up to {time}', { time: clockTime(safety.safeMs) })}
    </span>
  );
}

function describe(participant: ParticipantView): string {
  const { role } = participant;
  const state = presence(participant);
  return [
    t(sessionRoleNames[role]),
    ...(sends(role) ? [] : [t('not recorded')]),
    ...(state === null ? [] : [state]),
  ].join(', ');
}
