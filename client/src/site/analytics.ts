/** Where the answer is kept in this browser; signaling's list of what is stored (http/public/cookies.ts) names it. */
const KEY = 'cratersync.analytics';
/** So long an answer counts; then people are asked anew. */
const ANSWER_MS = 180 * 86_400_000;
const COOKIE_S = 390 * 86_400;

type Choice = 'allowed' | 'refused';

declare global {
  interface Window {
    dataLayer?: unknown[];
  }
}

/** Google Analytics 4, loaded when it may be and not before. */
export class Analytics {
  readonly #id: string;

  constructor(measurementId: string) {
    this.#id = measurementId;
  }

  /** What this browser was answered, while that counts. */
  choice(): Choice | null {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
      if (typeof kept !== 'object' || kept === null || !('choice' in kept) || !('at' in kept)) return null;
      if (Date.now() - Number(kept.at) > ANSWER_MS) return null;
      return kept.choice === 'allowed' || kept.choice === 'refused' ? kept.choice : null;
    } catch {
      return null;
    }
  }

  allow(): void {
    this.#keep('allowed');
    this.start();
  }

  /** What was loaded goes with the page; what it had stored goes now. */
  refuse(): void {
    this.#keep('refused');
    if (window.dataLayer === undefined) return;
    Object.assign(window, { [`ga-disable-${this.#id}`]: true });
    this.#removeCookies();
    location.reload();
  }

  start(): void {
    if (window.dataLayer !== undefined) return;
    const queue: unknown[] = [];
    window.dataLayer = queue;
    // Google's script takes commands as `arguments`, and ignores arrays.
    function tell(..._command: unknown[]): void {
      // biome-ignore lint/complexity/noArguments: see above
      queue.push(arguments);
    }
    const denied = { ad_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' };
    tell('consent', 'default', { ...denied, analytics_storage: 'granted' });
    tell('js', new Date());
    tell('config', this.#id, {
      allow_google_signals: false,
      allow_ad_personalization_signals: false,
      cookie_expires: COOKIE_S,
      // Counted from the first visit, not from the last.
      cookie_update: false,
      cookie_domain: 'none',
    });
    const script = document.createElement('script');
    script.async = true;
    script.src = `https://www.googletagmanager.com/gtag/js?id=${encodeURIComponent(this.#id)}`;
    document.head.append(script);
  }

  #keep(choice: Choice): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ choice, at: Date.now() }));
    } catch {
      // A browser that keeps nothing is asked again on the next page.
    }
  }

  #removeCookies(): void {
    for (const name of ['_ga', `_ga_${this.#id.replace(/^G-/, '')}`]) {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
      document.cookie = `${name}=; Max-Age=0; Path=/`;
    }
  }
}
