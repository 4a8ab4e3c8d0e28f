import { useEffect, useRef } from 'react';
import { movesFocus, type Shortcut, shortcutOf } from '../studio/shortcuts.ts';

export type ShortcutActions = Record<Exclude<Shortcut, 'talk'>, () => void> & {
  /** The key is held, or let go. */
  talk: (isHeld: boolean) => void;
};

/** The room's keys, while `isOn`. What is held is let go when the page loses the keyboard. */
export function useShortcuts(isOn: boolean, actions: ShortcutActions): void {
  const newest = useRef(actions);
  newest.current = actions;
  useEffect(() => {
    if (!isOn) return;
    let isHeld = false;
    let byKeys = false;
    const hold = (isNow: boolean) => {
      if (isHeld === isNow) return;
      isHeld = isNow;
      newest.current.talk(isNow);
    };
    const onDown = (event: KeyboardEvent) => {
      if (movesFocus(event.key)) byKeys = true;
      const shortcut = shortcutOf(event, byKeys);
      if (shortcut === null) return;
      // Before the button that has the focus hears of it.
      event.preventDefault();
      event.stopPropagation();
      if (shortcut === 'talk') hold(true);
      else if (!event.repeat) newest.current[shortcut]();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key !== ' ' || !isHeld) return;
      event.preventDefault();
      event.stopPropagation();
      hold(false);
    };
    const letGo = () => hold(false);
    const onPointer = () => {
      byKeys = false;
    };
    window.addEventListener('pointerdown', onPointer, true);
    window.addEventListener('keydown', onDown, true);
    window.addEventListener('keyup', onUp, true);
    window.addEventListener('blur', letGo);
    document.addEventListener('visibilitychange', letGo);
    return () => {
      letGo();
      window.removeEventListener('pointerdown', onPointer, true);
      window.removeEventListener('keydown', onDown, true);
      window.removeEventListener('keyup', onUp, true);
      window.removeEventListener('blur', letGo);
      document.removeEventListener('visibilitychange', letGo);
    };
  }, [isOn]);
}
