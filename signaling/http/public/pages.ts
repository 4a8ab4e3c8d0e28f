import { randomBytes } from 'node:crypto';
import { notices, unscoped } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { Prices } from '../../billing/prices.ts';
import { dateTimeFor, spaced } from '../../mail/letter.ts';
import type { Language, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { noDevices, publicPagePolicy } from '../security-headers.ts';
import type { Block } from './blocks.ts';
import { needsConsent } from './consent.ts';
import { inventory } from './cookies.ts';
import { layout, pathOf, texts } from './layout.ts';
import type { Operator } from './operator.ts';
import { offersOf } from './plans.ts';
import { type Known, type PageName, pageNames, type Service, services } from './texts.ts';

const languages = ['en', 'fr'] as const satisfies Language[];
const pagesWithNotices: readonly PageName[] = ['terms', 'privacy', 'sub-processors'];

/**
 * What anybody may read, as plain HTML: under /en and /fr, and under the name alone in the language that the browser asks
 * for. `/` is home only for a browser that is not signed in. Empty where PUBLIC_PAGES is off.
 */
export function publicPages(routes: Routes): Router {
  const router = Router();
  const { PUBLIC_PAGES, OPERATOR_FILE: operator } = routes.config;
  if (!PUBLIC_PAGES || operator === undefined) return router;
  const show = shower(routes, operator);
  router.get('/', (request, response, next) => {
    if (routes.cookies.read(request, 'session') !== undefined) return next();
    return show('home', languageOf(request), request, response);
  });
  for (const page of offeredBy(routes)) {
    if (page !== 'home')
      router.get(`/${page}`, (request, response) => show(page, languageOf(request), request, response));
    for (const language of languages)
      router.get(pathOf(page, language), (request, response) => show(page, language, request, response));
  }
  return router;
}

/** Nothing is sold where billing is off. */
const offeredBy = ({ payments }: Routes): PageName[] =>
  pageNames.filter(name => name !== 'pricing' || payments !== null);

const languageOf = (request: Request): Language =>
  request.acceptsLanguages([...languages]) === 'fr' ? 'fr' : 'en';

function shower(routes: Routes, operator: Operator) {
  const { PUBLIC_URL: publicUrl, GA_MEASUREMENT_ID: measurementId, COUNTRY_HEADER } = routes.config;
  const countsVisits = measurementId !== undefined;
  const { payments, log } = routes;
  const prices = payments === null ? null : new Prices({ payments, log });
  const offered = offeredBy(routes);
  return async (page: PageName, language: Language, request: Request, response: Response) => {
    const nonce = randomBytes(16).toString('base64');
    const known: Known = {
      operator,
      countsVisits,
      to: which => pathOf(which, language),
      stored: storedTable(routes, language),
      subProcessors: subProcessorTable(operator, { countsVisits, sells: payments !== null }, language),
      notices: pagesWithNotices.includes(page) ? await noticesOf(routes, page, language) : [],
      status: {
        rows: page === 'status' ? statusOf(await routes.health()) : [],
        at: dateTimeFor({ language, timeZone: null }, new Date()),
      },
      plans: page === 'pricing' && prices !== null ? await offersOf(prices, language) : [],
    };
    const analytics =
      measurementId === undefined
        ? undefined
        : { measurementId, needsConsent: needsConsent(request, COUNTRY_HEADER) };
    const text = layout({ page, offered, language, known, publicUrl, nonce, analytics });
    response
      .set({
        'Content-Security-Policy': publicPagePolicy(nonce, countsVisits),
        'Permissions-Policy': noDevices,
        'Content-Language': language,
        'Cache-Control': 'no-store',
      })
      .type('html')
      .send(language === 'fr' ? spaced(text) : text);
  };
}

function storedTable({ cookies, config }: Routes, language: Language): Block {
  const { stored, days } = texts[language].words;
  const rows = inventory(cookies, config.GA_MEASUREMENT_ID).map(each => [
    each.name,
    stored.kinds[each.kind],
    stored.whens[each.when],
    stored.purposes[each.purpose],
    days(each.days),
  ]);
  return { table: { id: 'stored', head: stored.head, rows } };
}

function subProcessorTable(
  operator: Operator,
  { countsVisits, sells }: { countsVisits: boolean; sells: boolean },
  language: Language,
): Block | null {
  const { head, google, stripe } = texts[language].words.subProcessors;
  const own = operator.subProcessors.map(({ name, country, purpose, data }) => ({
    name,
    ...{ country: country[language], purpose: purpose[language], data: data[language] },
  }));
  const all = [...own, ...(sells ? [stripe] : []), ...(countsVisits ? [google] : [])];
  const rows = all.map(({ name, country, purpose, data }) => [name, country, purpose, data]);
  return rows.length === 0 ? null : { table: { id: 'sub-processors', head, rows } };
}

/** What was announced of that page, the newest first; null when the database does not answer. */
async function noticesOf({ db, log }: Routes, page: PageName, language: Language): Promise<Block[] | null> {
  try {
    const all = await unscoped(db, notices.all);
    return all
      .filter(({ kind }) => kind === page)
      .flatMap(({ effectiveAt, texts: versions }) => {
        const day = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
          dateStyle: 'long',
          timeZone: 'UTC',
        });
        const { title, text } = versions[language];
        return [
          { h3: title },
          texts[language].words.holdsFrom(day.format(effectiveAt)),
          ...text.split(/\n\s*\n/).filter(paragraph => paragraph.trim() !== ''),
        ];
      });
  } catch (error) {
    log.warn({ err: error }, 'a public page is shown without what was announced');
    return null;
  }
}

/** Which processes each of these needs. */
const needs: Record<Service, string[]> = {
  pages: ['signaling', 'database'],
  conversations: ['sfu'],
  recording: ['recorder'],
  files: ['worker'],
};

const statusOf = ({ processes }: rest.Health): [Service, boolean][] =>
  services.map(service => [service, needs[service].every(name => processes[name]?.ready === true)]);
