import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { clockTime } from '../format.ts';
import { useStale } from '../hooks/use-stale.ts';
import { mayDo, type ParticipantView } from '../protocol.ts';
import { sessionRoleNames } from '../studio/names.ts';
import { leads, type RoomState, raisedHands, sends } from '../studio/room-state.ts';
import { type PersonSafety, safetyShown } from '../studio/safety.ts';
import type { Studio } from '../studio/studio.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';
import { RoomSettings } from './room-settings.tsx';

export const presence = (participant: ParticipantView): string | null => {
  switch (participant.state) {
    case 'joining':
      return 'joining…';
    case 'reconnecting':
      return 'reconnecting…';
    case 'joined':
    case 'left':
      return null;
  }
};

/** Who is there, by name, and what those who run the room can do about it. */
export function People({ studio, room }: { studio: Studio; room: RoomState }) {
  const stale = useStale(room.progress);
  return (
    <aside className="panel people" aria-label="People">
      <h2>People</h2>
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
  return (
    <li>
      <span className="person-name">
        {displayName}
        {isYou && ' (you)'}
        <span className="muted">{describe(participant)}</span>
        {participant.hand !== null && (
          <span className="person-hand">
            <Icon name="hand" />
            Hand raised
          </span>
        )}
        <Safety safety={safety} />
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
        <div className="person-removal" role="alertdialog" aria-label={`Remove ${displayName}?`}>
          <p>
            Remove {displayName} from the session? A link that is still open lets anybody in again, under
            another name: lock the room, or revoke the link.
          </p>
          <div className="row">
            <Button look="danger" onPress={() => void studio.removePerson(participantId)}>
              Remove
            </Button>
            <Button autoFocus onPress={() => setRemoving(false)}>
              Keep
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}

type Action = 'mute' | 'lower-hand' | 'co-host' | 'guest' | 'remove';

/** What may be done to somebody; nothing, for a host who cannot even be muted. */
function actionsFor({ you, producers }: RoomState, { participantId, role, hand }: ParticipantView) {
  const isHeard = producers.some(p => p.participantId === participantId && p.source === 'mic' && !p.paused);
  const mayMove = mayDo(you.role, 'person.set-role');
  const actions: { id: Action; label: string }[] = [];
  if (hand !== null) actions.push({ id: 'lower-hand', label: 'Lower hand' });
  if (isHeard) actions.push({ id: 'mute', label: 'Mute' });
  if (mayMove && role === 'guest') actions.push({ id: 'co-host', label: 'Make co-host' });
  if (mayMove && role === 'co-host') actions.push({ id: 'guest', label: 'Make guest again' });
  if (role !== 'host') actions.push({ id: 'remove', label: 'Remove…' });
  return actions;
}

function PersonMenu({ studio, room, participant, onRemove }: PersonProps & { onRemove: () => void }) {
  const { participantId, displayName } = participant;
  const actions = actionsFor(room, participant);
  if (actions.length === 0) return null;
  const carryOut = (action: Action) => {
    switch (action) {
      case 'lower-hand':
        return void studio.lowerHandOf(participantId);
      case 'mute':
        return void studio.mutePerson(participantId);
      case 'co-host':
      case 'guest':
        return void studio.setRole(participantId, action);
      case 'remove':
        return onRemove();
    }
  };
  return (
    <MenuTrigger>
      <AriaButton className="button button-quiet" aria-label={`Options for ${displayName}`}>
        <Icon name="more" />
      </AriaButton>
      <Popover className="popover picker-list" placement="bottom end">
        <Menu items={actions} onAction={key => carryOut(key as Action)}>
          {action => (
            <MenuItem id={action.id} textValue={action.label} className="picker-option">
              {action.label}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function Safety({ safety }: { safety: PersonSafety | null }) {
  if (safety === null || safety.safeMs === null) return null;
  return (
    <span className={safety.level === 'unknown' ? 'safety stale' : 'safety'} data-level={safety.level}>
      <span className="safety-dot" aria-hidden="true" />
      {safety.level === 'alarm' ? 'Not fully recorded' : `Safe up to ${clockTime(safety.safeMs)}`}
    </span>
  );
}

function describe(participant: ParticipantView): string {
  const { role } = participant;
  const state = presence(participant);
  return [
    sessionRoleNames[role],
    ...(sends(role) ? [] : ['not recorded']),
    ...(state === null ? [] : [state]),
  ].join(', ');
}
