import type { Language } from '../protocol.ts';
import { recall, remember } from '../studio/memory.ts';
import { Store } from '../studio/store.ts';
import { typeset } from './fr/typeset.ts';

/** What each language is called in itself. */
export const languageNames: Record<Language, string> = { en: 'English', fr: 'Français' };
export const languages = Object.keys(languageNames) as Language[];

/** The forms of a message that counts, by the plural categories of its language (Intl.PluralRules). */
export type PluralForms = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Dictionary = Readonly<Record<string, string | PluralForms>>;

/** Guests load what they may see; the pages behind the sign-in add theirs. English stands in the code itself. */
export type Part = 'guests' | 'members';

interface Words {
  /** From the English that stands in the code. */
  messages: Dictionary;
  /** The same for what the server says. */
  serverMessages: Dictionary;
}

const inFrench = (messages: Dictionary, serverMessages: Dictionary): Words => ({
  messages: typeset(messages),
  serverMessages: typeset(serverMessages),
});

const loaders: Record<Exclude<Language, 'en'>, Record<Part, () => Promise<Words>>> = {
  fr: {
    guests: async () => {
      const { guests, serverForGuests } = await import('./fr/guests.ts');
      return inFrench(guests, serverForGuests);
    },
    members: async () => {
      const { members, serverForMembers } = await import('./fr/members.ts');
      return inFrench(members, serverForMembers);
    },
  },
};

export interface Localization extends Words {
  language: Language;
  /** The language as this person's region writes its dates and figures: "fr-CA". */
  locale: string;
}

const localeOf = (language: Language): string =>
  globalThis.navigator?.languages.find(each => each.split('-')[0] === language) ?? language;

export const localization = new Store<Localization>({
  language: 'en',
  locale: localeOf('en'),
  messages: {},
  serverMessages: {},
});

const wanted = new Set<Part>(['guests']);
/** The language that was asked for last; it is shown as soon as its words are here. */
let asked: Language = 'en';
/** Grows with every change: one that finishes late, after another, is thrown away. */
let turn = 0;

/** Shows everything in another language from now on, and in this browser next time, too. */
export async function setLanguage(language: Language): Promise<void> {
  remember('language', language);
  if (language !== asked) await load(language);
}

/** Before the first page: what was chosen here last, else the first of ours that the browser asks for. */
export async function startLanguage(): Promise<void> {
  const known = navigator.languages.map(each => each.split('-')[0]);
  const first = known.find(each => languages.some(ours => ours === each));
  const language = recall('language') ?? first;
  await load(language === 'fr' ? 'fr' : 'en');
}

/** Has the messages of one more part at hand, in this language and in whatever follows. */
export async function loadMessages(part: Part): Promise<void> {
  if (wanted.has(part)) return;
  wanted.add(part);
  await load(asked);
}

async function load(language: Language): Promise<void> {
  asked = language;
  turn += 1;
  const mine = turn;
  const known = await wordsOf(language).catch((error: unknown) => {
    if (mine === turn) asked = localization.get().language;
    throw error;
  });
  if (mine !== turn) return;
  localization.set({
    language,
    locale: localeOf(language),
    messages: Object.assign({}, ...known.map(({ messages }) => messages)),
    serverMessages: Object.assign({}, ...known.map(({ serverMessages }) => serverMessages)),
  });
  document.documentElement.lang = language;
}

async function wordsOf(language: Language): Promise<Words[]> {
  if (language === 'en') return [];
  const parts = loaders[language];
  return Promise.all([...wanted].map(part => parts[part]()));
}
