import { createElement, Fragment, type ReactNode } from 'react';
import type { guests } from './fr/guests.ts';
import type { members } from './fr/members.ts';
import { localization } from './language.ts';

/** A message is named by its English words. One that has no French is no message: TypeScript refuses it. */
type Messages = typeof guests & typeof members;
export type TextKey = { [K in keyof Messages]: Messages[K] extends string ? K : never }[keyof Messages];
/** Those that stand alone: what tables of names hold. */
export type PlainKey = { [K in TextKey]: K extends `${string}{${string}` ? never : K }[TextKey];
export type CountKey = Exclude<keyof Messages, TextKey>;

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<K, V> = [Names<K>] extends [never] ? [] : [values: Record<Names<K>, V>];

/** `t('Created {date}', { date })`. What follows # tells two messages with the same English words apart. */
export function t<K extends TextKey>(key: K, ...[values]: Values<K, string | number>): string {
  return fill(textOf(key), values ?? {}).join('');
}

/** A message that counts, by the English words for one and for more: `count('One person|{n} people', n)`. */
export function count<K extends CountKey>(key: K, n: number): string {
  const { locale, messages } = localization.get();
  const forms = messages[key];
  const [one = '', other = ''] = key.split('|');
  const category = new Intl.PluralRules(locale).select(n);
  const english = category === 'one' ? one : other;
  const form = forms === undefined || typeof forms === 'string' ? english : (forms[category] ?? forms.other);
  return fill(form, { n }).join('');
}

/** `t` for messages that hold more than text: `rich('Sent to {address}', { address: <strong>…</strong> })`. */
export function rich<K extends TextKey>(key: K, ...[values]: Values<K, ReactNode>): ReactNode {
  const parts = fill<ReactNode>(textOf(key), values ?? {});
  return createElement(Fragment, null, ...parts);
}

function textOf(key: string): string {
  const translated = localization.get().messages[key];
  return typeof translated === 'string' ? translated : key.replace(/#\w+$/, '');
}

function fill<V>(text: string, values: Readonly<Record<string, V>>): (V | string)[] {
  return text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part;
    const value = values[part] ?? '';
    return typeof value === 'number' ? inFigures(value) : value;
  });
}

const inFigures = (value: number) => new Intl.NumberFormat(localization.get().locale).format(value);
