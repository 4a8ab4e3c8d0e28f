import { recall, remember } from './memory.ts';
import { Store } from './store.ts';

/** How this person wants to see the room. Remembered in this browser. */
export interface View {
  layout: 'grid' | 'speaker';
  /** Whether they see themselves when others are there. */
  showsYou: boolean;
  /** Whether single keys do something. */
  hasShortcuts: boolean;
}

const usual: View = { layout: 'grid', showsYou: true, hasShortcuts: true };

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
