import { useStore } from '../hooks/use-store.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import { type Shortcut, shortcuts } from '../studio/shortcuts.ts';
import type { ViewChoice } from '../studio/view.ts';
import { Button } from './controls.tsx';
import { Modal } from './modal.tsx';
import { Toggle } from './toggle.tsx';

const meanings: Record<Shortcut, PlainKey> = {
  microphone: 'Mute or unmute your microphone',
  talk: 'While you hold it: be heard, though you are muted',
  camera: 'Turn your camera on or off',
  hand: 'Raise or lower your hand',
  marker: 'Mark this moment of the recording',
  chat: 'Open or close the chat',
  people: 'Open or close the list of people',
  layout: 'Show the speaker large, or everybody alike',
  help: 'Show this help',
};

export interface ShortcutsHelpProps {
  choice: ViewChoice;
  onClose: () => void;
}

/** What the keys do. They can be switched off: whoever speaks to the computer presses keys without meaning to. */
export function ShortcutsHelp({ choice, onClose }: ShortcutsHelpProps) {
  const { hasShortcuts } = useStore(choice.store);
  return (
    <Modal title={t('Keyboard shortcuts')} onClose={onClose}>
      <dl className="keys">
        {Object.entries(shortcuts).map(([key, shortcut]) => (
          <div key={key}>
            <dt>
              <kbd>{key === ' ' ? t('Space') : key.toUpperCase()}</kbd>
            </dt>
            <dd>{t(meanings[shortcut])}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{t('They do nothing while you type.')}</p>
      <Toggle
        label={t('Use shortcuts')}
        hint={t('Off, no single key does anything in the room.')}
        isOn={hasShortcuts}
        onChange={isOn => choice.choose({ hasShortcuts: isOn })}
      />
      <div className="row">
        <Button look="primary" onPress={onClose}>
          {t('Close')}
        </Button>
      </div>
    </Modal>
  );
}
