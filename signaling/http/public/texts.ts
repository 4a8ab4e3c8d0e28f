import type { Language, Limits, PlanName } from '../../protocol/index.ts';
import type { Block } from './blocks.ts';
import type { Purpose, Stored } from './cookies.ts';
import type { Operator } from './operator.ts';

export const pageNames = [
  'home',
  'pricing',
  'security',
  'privacy',
  'terms',
  'sub-processors',
  'status',
] as const;
export type PageName = (typeof pageNames)[number];

/** What is served by what: the lines of the status page. */
export const services = ['pages', 'conversations', 'recording', 'files'] as const;
export type Service = (typeof services)[number];

/** What pages know when they are written. */
export interface Known {
  operator: Operator;
  /** Google Analytics is switched on. */
  countsVisits: boolean;
  /** Where a page is, in the language of the text. */
  to(page: PageName): string;
  /** The table of what a browser keeps. */
  stored: Block;
  /** The table of other companies; null where there is none. */
  subProcessors: Block | null;
  /** What changes, or has changed, of this page; null when the database does not answer. */
  notices: Block[] | null;
  status: { rows: [Service, boolean][]; at: string };
  /** Empty where nothing is sold. */
  plans: { plan: PlanName; limits: Limits; cost: string }[];
}

export interface PageText {
  title: string;
  /** For search engines. */
  description: string;
  blocks: (known: Known) => Block[];
}

type SubProcessor = Record<'name' | 'country' | 'purpose' | 'data', string>;

export interface Texts {
  /** What links to a page are called. */
  names: Record<PageName, string>;
  pages: Record<PageName, PageText>;
  words: {
    otherLanguage: string;
    signIn: string;
    skip: string;
    menu: string;
    runBy: (name: string) => string;
    holdsFrom: (day: string) => string;
    stored: {
      head: string[];
      kinds: Record<Stored['kind'], string>;
      whens: Record<Stored['when'], string>;
      purposes: Record<Purpose, string>;
    };
    days: (days: number | null) => string;
    costs: {
      free: string;
      agreed: string;
      unknown: string;
      paid: (amount: string, each: { byMonth: boolean; byMember: boolean }) => string;
    };
    subProcessors: { head: string[]; google: SubProcessor; stripe: SubProcessor };
  };
  cookies: Record<'title' | 'question' | 'allow' | 'refuse' | 'preferences', string>;
}

export type AllTexts = Record<Language, Texts>;
