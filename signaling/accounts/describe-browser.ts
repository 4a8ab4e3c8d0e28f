import type { Language } from '../protocol/index.ts';

/** Each browser names those it descends from, too: the first that matches is what it is. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** What a browser says of itself, in words that its owner knows it by: "Firefox on Linux". */
export function describeBrowser(userAgent = '', language: Language = 'en'): string {
  const named = (names: [RegExp, string][], otherwise: string) =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1] ?? otherwise;
  const words = {
    en: { browser: 'A browser', on: 'on', system: 'an unknown system' },
    fr: { browser: 'Un navigateur', on: 'sur', system: 'un système inconnu' },
  }[language];
  return `${named(BROWSERS, words.browser)} ${words.on} ${named(SYSTEMS, words.system)}`;
}
