import type { Language } from '../../protocol/index.ts';
import { escaped, html } from './blocks.ts';
import { en } from './text-en.ts';
import { fr } from './text-fr.ts';
import type { AllTexts, Known, PageName } from './texts.ts';

export const texts: AllTexts = { en, fr };
const other: Record<Language, Language> = { en: 'fr', fr: 'en' };

export const pathOf = (page: PageName, language: Language): string =>
  page === 'home' ? `/${language}` : `/${language}/${page}`;

export interface Shown {
  page: PageName;
  /** Those that there are here. */
  offered: readonly PageName[];
  language: Language;
  known: Known;
  publicUrl: string;
  nonce: string;
  /** Undefined where visits are not counted. */
  analytics: { measurementId: string; needsConsent: boolean } | undefined;
}

/** A whole page. Everything that a browser may run or paint by has the nonce. */
export function layout({ page, offered, language, known, publicUrl, nonce, analytics }: Shown): string {
  const { pages, words, names } = texts[language];
  const { title, description, blocks } = pages[page];
  const there = (which: PageName, how: Language) => escaped(new URL(pathOf(which, how), publicUrl).href);
  const link = (which: PageName) =>
    `<li><a href="${pathOf(which, language)}"${which === page ? ' aria-current="page"' : ''}>${escaped(names[which])}</a></li>`;
  const counted =
    analytics === undefined
      ? ''
      : ` data-analytics="${escaped(analytics.measurementId)}" data-consent="${analytics.needsConsent ? 'needed' : 'assumed'}"`;
  return `<!doctype html>
<html lang="${language}"${counted}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>${escaped(page === 'home' ? `CraterSync: ${title}` : `${title} · CraterSync`)}</title>
<meta name="description" content="${escaped(description)}">
<link rel="canonical" href="${there(page, language)}">
<link rel="alternate" hreflang="en" href="${there(page, 'en')}">
<link rel="alternate" hreflang="fr" href="${there(page, 'fr')}">
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<link rel="stylesheet" href="/site.css" nonce="${nonce}">
${analytics === undefined ? '' : `<script type="module" src="/site.js" nonce="${nonce}"></script>`}
</head>
<body class="${page}">
<a class="skip" href="#content">${escaped(words.skip)}</a>
<header>
<a class="brand" href="${pathOf('home', language)}"><img src="/icon.svg" alt="" width="28" height="28">CraterSync</a>
<div class="row">
<a class="button" href="/sign-in">${escaped(words.signIn)}</a>
<a class="quiet" lang="${other[language]}" hreflang="${other[language]}" href="${pathOf(page, other[language])}">${escaped(words.otherLanguage)}</a>
</div>
</header>
<main id="content">
${blocks(known)
  .map(block => html(block))
  .join('\n')}
</main>
<footer>
<nav aria-label="${escaped(words.menu)}"><ul>${offered
    .filter(each => each !== 'home')
    .map(link)
    .join('')}${preferences(language, analytics)}</ul></nav>
<p class="run-by">${escaped(words.runBy(known.operator.name))}</p>
</footer>
${panel(language, analytics)}
</body>
</html>
`;
}

function preferences(language: Language, analytics: Shown['analytics']): string {
  if (analytics === undefined) return '';
  const { cookies } = texts[language];
  return `<li><button class="quiet" id="cookie-preferences">${escaped(cookies.preferences)}</button></li>`;
}

/** Both answers look alike: neither is the one to press. */
function panel(language: Language, analytics: Shown['analytics']): string {
  if (analytics === undefined) return '';
  const { title, question, allow, refuse } = texts[language].cookies;
  return `<section class="card" id="cookie-panel" aria-labelledby="cookie-title" hidden>
<h2 id="cookie-title">${escaped(title)}</h2>
<p>${escaped(question)}</p>
<div class="row"><button class="button" id="cookie-refuse">${escaped(refuse)}</button>
<button class="button" id="cookie-allow">${escaped(allow)}</button></div>
</section>`;
}
