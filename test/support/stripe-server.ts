import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BillingConfig } from '@cratersync/signaling/billing';
import { LoopbackServer } from './loopback-server.ts';
import { StripeBooks, type StripeEvent } from './stripe-books.ts';
import { type Form, formOf } from './stripe-form.ts';
import { checkoutPage, portalPage } from './stripe-pages.ts';
import { type Answer, answerOf, refused } from './stripe-routes.ts';

interface Hold {
  path: RegExp;
  held: () => void;
  released: Promise<void>;
}

/**
 * Speaks Stripe's API as its public documentation has it (https://docs.stripe.com/api): keys, forms, idempotency keys,
 * errors, expanding, lists; signed webhooks; and the two pages that people are sent to. Faults are a test's to decide.
 */
export class StripeServer extends LoopbackServer {
  readonly secretKey = 'sk_test_for_tests_only';
  readonly webhookSecret = 'whsec_for_tests_only';
  readonly books = new StripeBooks();
  /** Connections are cut. */
  isAway = false;
  /** Takes requests and never answers. */
  hangs = false;
  /** How many of the next requests are refused as too many. */
  throttled = 0;
  #hold: Hold | null = null;
  #lost: { method: string; path: RegExp } | null = null;
  /** `POST /v1/customers`, in the order in which they came; what was replayed is not among them. */
  readonly done: string[] = [];
  /** Where events are sent as soon as they happen; null: a test takes them from the books. */
  webhookUrl: string | null = null;
  readonly #kept = new Map<string, { asked: string; answer: Answer }>();
  readonly #sending = new Set<Promise<void>>();

  constructor() {
    super((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
    this.books.addPrice('price_pro', 1900);
    this.books.addPrice('price_team', 1500);
    this.books.onEvent = event => {
      if (this.webhookUrl === null) return;
      const sent = this.#send(event, this.webhookUrl);
      this.#sending.add(sent);
      void sent.finally(() => this.#sending.delete(sent));
    };
  }

  static async start(): Promise<StripeServer> {
    return new StripeServer().listen();
  }

  get config(): BillingConfig {
    return {
      ...{ secretKey: this.secretKey, webhookSecret: this.webhookSecret, apiBase: this.url },
      prices: { pro: ['price_pro'], team: ['price_team', 'price_team_of_old'] },
    };
  }

  /** The same, for a process. */
  get environment(): Record<string, string> {
    return {
      STRIPE_SECRET_KEY: this.secretKey,
      STRIPE_WEBHOOK_SECRET: this.webhookSecret,
      STRIPE_PRICE_PRO: 'price_pro',
      STRIPE_PRICE_TEAM: 'price_team,price_team_of_old',
      STRIPE_API_BASE: this.url,
    };
  }

  /** @param at in seconds; how it is signed: https://docs.stripe.com/webhooks#verify-manually */
  sign(body: string, at = this.books.nowS(), secret = this.webhookSecret): string {
    const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
    return `t=${at},v1=${signature}`;
  }

  /** The next answer to such a path is on its way for as long as a test wants. */
  holdNext(path: RegExp): { isHeld: Promise<void>; release: () => void } {
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#hold = { path, held: held.resolve, released: released.promise };
    return { isHeld: held.promise, release: released.resolve };
  }

  /** What the next such request asks for is done, and its answer never arrives. */
  loseNextAnswer(method: string, path: RegExp): void {
    this.#lost = { method, path };
  }

  /** Until every event that was sent has arrived, or was given up. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  async #send(event: StripeEvent, url: string): Promise<void> {
    const body = JSON.stringify(event);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': this.sign(body),
      };
      const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => null);
      if (answer?.ok === true) return;
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void response.destroy();
    const body = await text(request);
    if (this.hangs) return;
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/v1/')) return this.#page(request.method ?? '', url.pathname, response);
    const { status, body: answer, isReplayed = false } = structuredClone(this.#api(request, url, body));
    const lost = this.#lost;
    if (lost !== null && lost.method === request.method && lost.path.test(url.pathname)) {
      this.#lost = null;
      return void response.destroy();
    }
    const hold = this.#hold;
    if (hold?.path.test(url.pathname) === true) {
      this.#hold = null;
      hold.held();
      await hold.released;
    }
    response.writeHead(status, {
      'content-type': 'application/json',
      'request-id': this.books.id('req'),
      ...(isReplayed && { 'idempotent-replayed': 'true' }),
    });
    response.end(JSON.stringify(answer));
  }

  #api(request: IncomingMessage, url: URL, body: string): Answer {
    if (request.headers.authorization !== `Bearer ${this.secretKey}`)
      return refused(401, 'invalid_request_error', 'Invalid API Key provided');
    if (this.throttled > 0) {
      this.throttled -= 1;
      return refused(429, 'invalid_request_error', 'Request rate limit exceeded', 'rate_limit');
    }
    const key = request.headers['idempotency-key'];
    const what = `${request.method} ${url.pathname}`;
    const asked = `${what} ${body}`;
    const kept = typeof key === 'string' ? this.#kept.get(key) : undefined;
    if (kept !== undefined && kept.asked !== asked)
      return refused(400, 'idempotency_error', 'Keys can only be used with the same parameters');
    if (kept !== undefined) return { ...kept.answer, isReplayed: true };
    const form: Form = formOf(request.method === 'POST' ? body : url.search.slice(1));
    const answer = answerOf({ books: this.books, pages: this.url }, what, form);
    this.done.push(what);
    if (typeof key === 'string') this.#kept.set(key, { asked, answer: structuredClone(answer) });
    return answer;
  }

  /** What people see at Stripe. */
  #page(method: string, path: string, response: ServerResponse): void {
    const [, kind, id = ''] = /^\/(pay|portal)\/(\w+)$/.exec(path) ?? [];
    const checkout = this.books.checkouts.get(id);
    if (kind === 'pay' && checkout !== undefined && method === 'POST') {
      this.books.complete(checkout);
      return void response.writeHead(303, { location: checkout.success_url }).end();
    }
    const html =
      kind === 'pay' && checkout !== undefined ? checkoutPage(checkout) : portalPage(this.books, id);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  }
}
