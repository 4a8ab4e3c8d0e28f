import { errors, type Handlers, mayDo, type roomCommands } from '../protocol/index.ts';
import type { Moderation } from '../rooms/moderation.ts';
import type { Connection } from './connection.ts';

/** What each command does, for a connection that has been found to be allowed to send it. */
export const roomHandlers = (moderation: Moderation): Handlers<typeof roomCommands, Connection> => ({
  join: ({ resume }, connection) => connection.join(resume),
  'transport.create': ({ direction }, { room, seat }) => {
    if (direction === 'send' && !mayDo(seat.role, 'producer.open'))
      throw errors.forbidden('somebody who is recorded', 'send sound or pictures');
    return room.createTransport(seat, direction);
  },
  'transport.connect': (command, { room, seat }) => room.media.connectTransport(seat, command),
  'transport.restart-ice': (command, { room, seat }) => room.media.restartIce(seat, command),
  'producer.open': (command, { room, seat }) => room.sending.open(seat, command),
  'producer.pause': ({ producerId }, { room, seat }) => room.sending.setPaused(seat, producerId, true),
  'producer.resume': ({ producerId }, { room, seat }) => room.sending.setPaused(seat, producerId, false),
  'producer.close': ({ producerId }, { room, seat }) => room.sending.close(seat, producerId),
  'consumer.open': (command, { room, seat }) => room.media.openConsumer(seat, command),
  'consumer.resume': ({ consumerId }, { room, seat }) => room.media.resumeConsumer(seat, consumerId),
  'consumer.prefer': (command, { room, seat }) => room.media.preferLayer(seat, command),
  'recording.check': (_, { room }) => room.recording.check(),
  'recording.start': (how, { room, asked, seat }) =>
    room.recording.start(asked, { ...how, by: seat.displayName }),
  'recording.call-off': (_, { room }) => {
    room.recording.countdown.callOff();
    return null;
  },
  'recording.stop': (_, { room, asked }) => room.recording.stop(asked),
  'recording.pause': (_, { room, asked }) => room.recording.setPaused(true, asked),
  'recording.resume': (_, { room, asked }) => room.recording.setPaused(false, asked),
  'marker.add': (marked, { room, seat }) => room.recording.markers.add(seat, marked),
  'marker.rename': ({ markerId, name }, { room, seat }) =>
    room.recording.markers.rename(seat, markerId, name),
  'hand.raise': (_, { room, participantId }) => room.conversation.setHand(participantId, true),
  'hand.lower': (_, { room, participantId }) => room.conversation.setHand(participantId, false),
  'condition.report': (condition, { room, participantId }) =>
    room.conversation.noteCondition(participantId, condition),
  'chat.send': ({ text }, { room, seat }) => room.conversation.say(seat, text),
  'conversation.give-back': (given, { room, seat }) => room.conversation.takeBack(seat, given),
  'person.lower-hand': ({ participantId }, { room }) => room.conversation.setHand(participantId, false),
  'person.mute': async ({ participantId }, { room, seat }) => {
    await room.mute(participantId, seat.displayName);
    return null;
  },
  'person.remove': ({ participantId }, { acting }) => moderation.remove(acting, participantId),
  'person.set-role': ({ participantId, role }, { acting }) => moderation.setRole(acting, participantId, role),
  'lobby.admit': ({ participantIds }, { seat }) => moderation.admit(seat, participantIds),
  'lobby.deny': ({ participantIds }, { seat }) => moderation.deny(seat, participantIds),
  'session.configure': (change, { acting }) => moderation.configure(acting, change),
  'session.end': (_, { acting }) => moderation.end(acting),
  leave: (_, connection) => connection.leave(),
});
