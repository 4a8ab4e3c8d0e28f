import { type FormEvent, useEffect, useRef, useState } from 'react';
import { timeOfDay } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import { type ChatInRoom, chatKey, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Button, Field, Problem } from './controls.tsx';

/** What is written in the room, and a line to write in. What was refused stays in the line. */
export function Chat({ studio, room }: { studio: Studio; room: RoomState }) {
  const [text, setText] = useState('');
  const { isPending, problem, run } = useAction();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    void run(async () => {
      await studio.people.say(text);
      setText('');
    });
  };
  return (
    <aside className="panel chat" aria-label={t('Chat')}>
      <h2>{t('Chat')}</h2>
      <Messages room={room} />
      <form className="panel-line" onSubmit={send}>
        <Field
          label={t('Message')}
          autoFocus
          autoComplete="off"
          maxLength={1000}
          value={text}
          onChange={setText}
        />
        <Button type="submit" look="primary" isPending={isPending}>
          {t('Send')}
        </Button>
      </form>
      <Problem text={problem} />
    </aside>
  );
}

function Messages({ room }: { room: RoomState }) {
  const list = useRef<HTMLOListElement>(null);
  const last = room.chat.at(-1);
  const newest = last && chatKey(last);
  useEffect(() => {
    if (newest !== undefined) list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [newest]);
  if (room.chat.length === 0)
    return (
      <p className="hint chat-messages">
        {t(
          'Nothing yet. Everybody in the room reads what is written here, and it is gone when the room is empty.',
        )}
      </p>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <div className="chat-messages" role="log" aria-label={t('Messages#list')} tabIndex={0}>
      <ol ref={list}>
        {room.chat.map(message => (
          <Message
            key={chatKey(message)}
            message={message}
            isYours={message.participantId === room.you.participantId}
          />
        ))}
      </ol>
    </div>
  );
}

function Message({ message, isYours }: { message: ChatInRoom; isYours: boolean }) {
  const { displayName, text, saidAt } = message;
  return (
    <li data-yours={isYours}>
      <span className="chat-who">
        <bdi>{displayName}</bdi> <time dateTime={saidAt.toISOString()}>{timeOfDay(saidAt)}</time>
      </span>
      <span className="chat-text" dir="auto">
        {text}
      </span>
    </li>
  );
}

/** How many messages have come while the chat was closed. */
export function useUnread(room: RoomState, isOpen: boolean): number {
  const { length } = room.chat;
  const [read, setRead] = useState(length);
  useEffect(() => {
    if (isOpen) setRead(length);
  }, [isOpen, length]);
  if (isOpen) return 0;
  const theirs = room.chat
    .slice(read)
    .filter(({ participantId }) => participantId !== room.you.participantId);
  return theirs.length;
}

/** For those who hear the page: a message that came while the chat was closed. */
export function ChatNews({ room, unread }: { room: RoomState; unread: number }) {
  const newest = room.chat.at(-1);
  return (
    <p role="status" className="visually-hidden">
      {unread > 0 &&
        newest !== undefined &&
        t('{name} writes: {text}', { name: newest.displayName, text: newest.text })}
    </p>
  );
}
