import type { ParticipantId, ParticipantView, ProducerView, Source } from '../protocol.ts';
import { type RoomState, sends } from './room-state.ts';
import type { Voices } from './voices.ts';

/**
 * What is known of a microphone before it is recorded:
 * - heard: something has come of it
 * - listening: it has just been opened
 * - unheard: it is open, and nothing has come of it
 */
export type MicrophoneState = 'heard' | 'listening' | 'unheard' | 'muted' | 'none';

export interface Preflight {
  person: ParticipantView;
  microphone: MicrophoneState;
  /** What else of theirs will be recorded. */
  others: Exclude<Source, 'mic'>[];
  /** Whoever starts the recording should know of it first. */
  isDoubtful: boolean;
}

/** What somebody sends, in one word each. */
export type Sent = Pick<ProducerView, 'source' | 'paused'>;

/**
 * Everybody who will be recorded, and what of them.
 * @param own what this person sends: the room tells them only of the others
 */
export function preflight(room: RoomState, voices: Voices, own: readonly Sent[]): Preflight[] {
  const sentBy = (id: ParticipantId): readonly Sent[] =>
    id === room.you.participantId ? own : room.producers.filter(({ participantId }) => participantId === id);
  return room.participants
    .filter(({ role }) => sends(role))
    .map(person => {
      const { participantId } = person;
      const sent = sentBy(participantId);
      const microphone = microphoneOf(sent, voices, participantId);
      const others = sent.flatMap(({ source, paused }) => (source === 'mic' || paused ? [] : [source]));
      return { person, microphone, others, isDoubtful: microphone === 'unheard' };
    });
}

function microphoneOf(
  sent: readonly Sent[],
  { heard, unheard }: Voices,
  participantId: ParticipantId,
): MicrophoneState {
  const mic = sent.find(({ source }) => source === 'mic');
  if (mic === undefined) return 'none';
  if (mic.paused) return 'muted';
  if (unheard.includes(participantId)) return 'unheard';
  return heard.includes(participantId) ? 'heard' : 'listening';
}
