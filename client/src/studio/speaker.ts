import { DEFAULT_DEVICE } from './devices.ts';
import { recall, remember } from './memory.ts';
import { Store } from './store.ts';

/** Where sound is played, in the green room and in the room. */
export const speaker = new Store<string>(recall('speaker') ?? DEFAULT_DEVICE);

/** Safari and phones leave this to the system. */
export const canChooseSpeaker = 'HTMLMediaElement' in globalThis && 'setSinkId' in HTMLMediaElement.prototype;

export function chooseSpeaker(id: string): void {
  remember('speaker', id);
  speaker.set(id);
}

/** Plays an element there, from now on and whenever another is chosen. @returns what ends that */
export function followSpeaker(element: HTMLMediaElement): () => void {
  const apply = () => {
    const id = speaker.get();
    // One that is not plugged in today leaves the system's own.
    if (canChooseSpeaker) element.setSinkId(id === DEFAULT_DEVICE ? '' : id).catch(() => undefined);
  };
  apply();
  return speaker.subscribe(apply);
}
