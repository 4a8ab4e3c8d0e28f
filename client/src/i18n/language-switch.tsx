import { createContext, useContext } from 'react';
import { Button } from '../components/controls.tsx';
import { useStore } from '../hooks/use-store.ts';
import type { Language } from '../protocol.ts';
import { languageNames, languages, localization, setLanguage } from './language.ts';

/** Where a choice is kept besides this browser: the profile of whoever is signed in. */
export const LanguageKeeper = createContext<(language: Language) => void>(() => undefined);

/** The other languages, each by its own name. */
export function LanguageSwitch() {
  const keep = useContext(LanguageKeeper);
  const { language: current } = useLocalization();
  const choose = async (language: Language) => {
    await setLanguage(language);
    keep(language);
  };
  return languages
    .filter(language => language !== current)
    .map(language => (
      <span key={language} lang={language}>
        <Button look="quiet" onPress={() => void choose(language)}>
          {languageNames[language]}
        </Button>
      </span>
    ));
}

/** Renders again when the language changes; the root of the page does so for everything below it. */
export const useLocalization = () => useStore(localization);
