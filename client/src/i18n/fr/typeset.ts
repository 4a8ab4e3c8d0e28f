import type { Dictionary, PluralForms } from '../language.ts';

/** French sets a space before these signs that no line may be broken at. The dictionaries are written without. */
const spaced = (text: string): string => text.replace(/ ([?!:;»%])/g, '\u00a0$1').replace(/« /g, '«\u00a0');

export function typeset(dictionary: Dictionary): Dictionary {
  const set = Object.entries(dictionary).map(([english, french]) => [
    english,
    typeof french === 'string' ? spaced(french) : mapped(french),
  ]);
  return Object.fromEntries(set);
}

const mapped = (forms: PluralForms) =>
  Object.fromEntries(Object.entries(forms).map(([category, form]) => [category, spaced(form)]));
