import { toAppError } from '../protocol.ts';
import type { Ask } from './connection.ts';
import type { RoomChange } from './room-state.ts';

/** What stands around those who ask something of the room for this person. */
export interface Surroundings {
  ask: Ask;
  onChange: (change: RoomChange) => void;
  /** null: what was said before no longer holds. */
  onProblem: (problem: string | null) => void;
}

/** Asks for something. @returns undefined when it was refused; the person is told why */
export async function attempt<T>(
  { onProblem }: Surroundings,
  work: () => Promise<T>,
): Promise<T | undefined> {
  onProblem(null);
  try {
    return await work();
  } catch (thrown) {
    onProblem(toAppError(thrown).message);
    return undefined;
  }
}
