import { recall, remember } from './memory.ts';
import { Store } from './store.ts';

/** How this person wants to see the room. Remembered in this browser. */
export interface View {
  layout: 'grid' | 'speaker';
  /** Whether they see themselves when others are there. */
  showsYou: boolean;
  /** Whether single keys do something. */
  hasShortcuts: boolean;
  /** Whether a recording that they start is counted down to. */
  countsDown: boolean;
  /** Whether everybody's page sends a tone when it begins. */
  slate: boolean;
}

const usual: View = { layout: 'grid', showsYou: true, hasShortcuts: true, countsDown: true, slate: false };

export class ViewChoice {
  readonly store = new Store<View>({ ...usual, ...recall('view') });

  choose(change: Partial<View>): void {
    this.store.patch(change);
    remember('view', this.store.get());
  }

  switchLayout(): void {
    this.choose({ layout: this.store.get().layout === 'grid' ? 'speaker' : 'grid' });
  }
}
