/** Keys of the room: one press each, but for the space bar, which is held. The player of a recording has that of the marker. */
export const shortcuts = {
  m: 'microphone',
  v: 'camera',
  h: 'hand',
  b: 'marker',
  c: 'chat',
  p: 'people',
  l: 'layout',
  ' ': 'talk',
  '?': 'help',
} as const;
export type Shortcut = (typeof shortcuts)[keyof typeof shortcuts];

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>;

/** Where keys are letters, or choose something. */
const OTHERS_KEYS =
  'input:not([type="checkbox"], [type="range"]), textarea, select, [contenteditable], [role="textbox"], [role="listbox"], [role="menu"], [role="dialog"], [role="alertdialog"]';
/** What the space bar presses. */
const PRESSED_BY_SPACE = 'button, a, summary, [role="button"], input';

/**
 * What a key means; null where it belongs to something else.
 * @param byKeys whether the focus was last moved by the keyboard: a button that was clicked keeps the focus, and only who
 * came to it by the keyboard means to press it
 */
export function shortcutOf({ key, ctrlKey, metaKey, altKey, target }: Key, byKeys: boolean): Shortcut | null {
  const shortcut = (shortcuts as Record<string, Shortcut>)[key.toLowerCase()];
  if (shortcut === undefined || ctrlKey || metaKey || altKey) return null;
  if (!(target instanceof Element)) return shortcut;
  if (target.closest(OTHERS_KEYS) !== null) return null;
  return shortcut === 'talk' && byKeys && target.closest(PRESSED_BY_SPACE) !== null ? null : shortcut;
}

export const movesFocus = (key: string): boolean => key === 'Tab' || key.startsWith('Arrow');
