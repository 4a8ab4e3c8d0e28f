import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import type { ViewChoice } from '../studio/view.ts';
import { ActionMenu } from './action-menu.tsx';
import { Control } from './control.tsx';

export interface ViewControlProps {
  choice: ViewChoice;
  onHelp: () => void;
}

/** How the room looks, and what the keys do. */
export function ViewControl({ choice, onHelp }: ViewControlProps) {
  const { layout, showsYou } = useStore(choice.store);
  const actions = [
    layout === 'grid'
      ? { text: t('Show the speaker large'), run: () => choice.choose({ layout: 'speaker' }) }
      : { text: t('Show everybody alike'), run: () => choice.choose({ layout: 'grid' }) },
    showsYou
      ? { text: t('Hide yourself from your own view'), run: () => choice.choose({ showsYou: false }) }
      : { text: t('Show yourself'), run: () => choice.choose({ showsYou: true }) },
    { text: t('Keyboard shortcuts'), run: onHelp },
  ];
  return <ActionMenu button={<Control icon="view" text={t('View')} />} placement="top" actions={actions} />;
}
