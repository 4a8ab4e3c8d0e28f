/** Of an organization's export, and of a person's own. */
const exportStates = {
  waiting: ['running', 'failed', 'cancelled'],
  running: ['ready', 'failed', 'cancelled'],
  ready: ['expired'],
  failed: [],
  cancelled: [],
  expired: [],
} as const;

/**
 * The lifecycles. `db` moves rows with guarded updates that allow exactly these steps; one test compares both.
 * `from → the states it may move to`; a state without successors is final.
 */
export const lifecycles = {
  session: { created: ['live', 'ended'], live: ['ended'], ended: ['live'] },
  recording: {
    starting: ['recording', 'incomplete'],
    recording: ['draining', 'incomplete'],
    draining: ['finalizing', 'incomplete'],
    finalizing: ['complete', 'incomplete'],
    complete: [],
    // A recorder that comes back, or `recover`, may still write the manifest of what was thought lost.
    incomplete: ['complete'],
  },
  participant: {
    joining: ['joined', 'left'],
    joined: ['reconnecting', 'left'],
    reconnecting: ['joined', 'left'],
    left: ['joining'],
  },
  track: {
    announced: ['recording', 'lost'],
    recording: ['muted', 'draining', 'lost'],
    muted: ['recording', 'draining', 'lost'],
    draining: ['sealed', 'lost'],
    sealed: [],
    lost: [],
  },
  chunk: { open: ['sealed'], sealed: ['spooled'], spooled: ['stored'], stored: ['committed'], committed: [] },
  stem: {
    waiting: ['rendering', 'failed'],
    rendering: ['ready', 'failed', 'waiting'],
    // Once more; the files of the last time stay until the new ones are whole.
    ready: ['waiting'],
    failed: ['waiting'],
  },
  render: {
    waiting: ['rendering', 'failed', 'cancelled'],
    rendering: ['ready', 'failed', 'waiting', 'cancelled'],
    ready: ['waiting'],
    failed: ['waiting'],
    cancelled: ['waiting'],
  },
  export: exportStates,
  own_export: exportStates,
  organization: { active: ['deletion_scheduled'], deletion_scheduled: ['active', 'erased'], erased: [] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type Entity = keyof typeof lifecycles;
export type State<E extends Entity> = keyof (typeof lifecycles)[E] & string;

/** The states of an entity, for schemas. */
export const states = <E extends Entity>(entity: E) =>
  Object.keys(lifecycles[entity]) as [State<E>, ...State<E>[]];

/** The states from which `to` may be reached: the guard of an update to it. */
export function sourcesOf<E extends Entity>(entity: E, to: State<E>): State<E>[] {
  const table: Record<string, readonly string[]> = lifecycles[entity];
  return states(entity).filter(from => table[from]?.includes(to));
}
