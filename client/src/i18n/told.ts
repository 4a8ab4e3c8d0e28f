import { type Dictionary, localization } from './language.ts';

/**
 * What the server, or another part of ours that speaks English, had to say, in the person's language: the dictionary
 * holds those messages under their English, with {names} for what varies. What it does not know stays English.
 */
export function told(message: string): string {
  const { serverMessages } = localization.get();
  const known = serverMessages[message];
  if (typeof known === 'string') return known;
  for (const { pattern, translation } of patternsOf(serverMessages)) {
    const found = pattern.exec(message)?.groups;
    if (found !== undefined) return translation.replace(/\{(\w+)\}/g, (_, name) => told(found[name] ?? ''));
  }
  return message;
}

interface Pattern {
  pattern: RegExp;
  translation: string;
}

const compiled = new WeakMap<Dictionary, Pattern[]>();

/** Those that vary, the one with the most words of its own first. */
function patternsOf(messages: Dictionary): Pattern[] {
  const before = compiled.get(messages);
  if (before !== undefined) return before;
  const patterns = Object.entries(messages)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0].includes('{'))
    .sort(([a], [b]) => ownLength(b) - ownLength(a))
    .map(([english, translation]) => ({ pattern: patternOf(english), translation }));
  compiled.set(messages, patterns);
  return patterns;
}

const ownLength = (english: string) => english.replace(/\{\w+\}/g, '').length;

/** Of a message with {names} in it: what it matches says what stood there. */
export function patternOf(english: string): RegExp {
  const escaped = english.replace(/[.*+?^$()[\]\\|]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>.+)')}$`, 's');
}
