import { api } from '../api.ts';
import { type Action, useAction } from './use-action.ts';

/** A recording that whoever sees it may change, too; after a change it is loaded anew. */
export interface Editing {
  recordingId: string;
  reload: () => Promise<void>;
}

/** Naming places: by the form below the player, and by a key while somebody listens. */
export interface Marking extends Pick<Action, 'isPending' | 'problem'> {
  mark: (name: string, onMarked?: () => void) => void;
}

/**
 * @param editing null: nothing can be marked
 * @param placeS where a new one belongs; without it, now
 */
export function useMarking(editing: Editing | null, placeS?: () => number): Marking {
  const { run, isPending, problem } = useAction();
  const mark: Marking['mark'] = (name, onMarked) => {
    if (editing === null) return;
    const { recordingId, reload } = editing;
    const atMs = placeS === undefined ? {} : { atMs: Math.round(placeS() * 1000) };
    void run(async () => {
      await api.addMarker(recordingId, { name, ...atMs });
      onMarked?.();
      await reload();
    });
  };
  return { mark, isPending, problem };
}
