import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { StripeServer } from '../../test/support/stripe-server.ts';
import { plans } from '../protocol/index.ts';
import { operator } from './fixtures/operator.ts';
import { useTestApp } from './fixtures/test-app.ts';
import { needsConsent } from './public/consent.ts';

const names = ['security', 'privacy', 'terms', 'sub-processors', 'status'];
const paths = ['', ...names.map(name => `/${name}`)];

describe('the public pages', () => {
  const test = useTestApp({
    publicPages: { OPERATOR_FILE: operator },
    publicUrl: 'https://record.example.org',
  });
  const page = async (path: string, headers: Record<string, string> = {}) => {
    const { status, body, headers: answered } = await test.browser().get(path, headers);
    expect(status, path).to.equal(200);
    return { text: String(body), headers: answered };
  };
  const headings = (text: string) => text.match(/<h[123][ >]/g)?.length ?? 0;

  it('are plain HTML in English and French, with the same sections, and no script', async () => {
    const titles = new Set<string>();
    for (const path of paths) {
      const [english, french] = await Promise.all([page(`/en${path}`), page(`/fr${path}`)]);
      for (const [{ text }, language] of [
        [english, 'en'],
        [french, 'fr'],
      ] as const) {
        expect(text).to.contain(`<html lang="${language}">`).and.to.contain('href="/sign-in"');
        expect(text.match(/<h1>/g), path).to.have.length(1);
        expect(text).not.to.match(/<script|<style| style=| on\w+=|undefined/);
        // Addresses are of our own, but for mail.
        for (const [, address = ''] of text.matchAll(/(?:href|src)="([^"]*)"/g))
          expect(address).to.match(/^(\/(?!\/)|#|mailto:|https:\/\/record\.example\.org\/)/);
        titles.add(/<title>(.*)<\/title>/.exec(text)?.[1] ?? '');
      }
      expect(headings(french.text), path).to.equal(headings(english.text));
    }
    expect(titles).to.have.property('size', 2 * paths.length);
    // A space before these that no line breaks at.
    expect((await page('/fr/security')).text)
      .to.contain('n’est pas supprimé')
      .and.not.to.match(/ [?!;»]/);
  });

  it('come in the language of the browser where the address names none', async () => {
    for (const path of ['/', '/terms']) {
      expect((await page(path, { 'accept-language': 'fr-CA,en;q=0.5' })).text).to.contain('lang="fr"');
      expect((await page(path, { 'accept-language': 'de' })).text).to.contain('<html lang="en"');
    }
  });

  it('leave `/` to whoever is signed in', async () => {
    const rita = test.browser();
    expect((await rita.get('/')).body).to.contain('keep every voice');
    rita.cookies.set('__Host-cratersync-session', 'something');
    expect((await rita.get('/')).body).to.contain('<title>CraterSync</title>');
    expect((await rita.get('/sign-in')).body).to.contain('<title>CraterSync</title>');
  });

  it('say who runs the service, and which companies work for them', async () => {
    for (const path of ['/en/privacy', '/fr/terms']) {
      const { text } = await page(path);
      expect(text).to.contain(operator.name).and.to.contain(operator.address).and.to.contain(operator.email);
    }
    expect((await page('/fr/terms')).text).to.contain('soumis au droit français');
    expect((await page('/fr/sub-processors')).text)
      .to.contain('exploite les machines')
      .and.not.to.contain('Google');
    expect((await page('/en/privacy')).text).to.contain('set no cookies');
  });

  it('show what was announced of them, and that it cannot be read while the database is away', async () => {
    await test.db.owner.query(
      `INSERT INTO app.notices (kind, version, effective_at, title_en, text_en, title_fr, text_fr)
       VALUES ('terms', 1, now() + interval '40 days', 'About <ends>', E'One.\n\nTwo.', 'La fin', E'Un.\n\nDeux.')`,
    );
    const { text } = await page('/en/terms');
    expect(text).to.contain('<h3>About &#60;ends&#62;</h3>').and.to.contain('<p>Two.</p>');
    expect((await page('/fr/terms')).text).to.match(/<h3>La fin<\/h3>\n<p>S’applique à partir du \d/);
    expect((await page('/en/privacy')).text)
      .to.contain('None has been announced.')
      .and.not.to.contain('ends');
    await test.db.owner.query('ALTER TABLE app.notices RENAME TO hidden');
    expect((await page('/en/terms')).text)
      .to.contain('cannot be read just now')
      .and.to.contain('What is yours');
    await test.db.owner.query('ALTER TABLE app.hidden RENAME TO notices');
  });

  it('tell how the service is', async () => {
    const ready = { ready: true, reason: null };
    const all = { signaling: ready, database: ready, sfu: ready, recorder: ready, worker: ready };
    test.health.processes = all;
    expect((await page('/en/status')).text).to.contain('<h1>Everything works</h1>');
    test.health.processes = { ...all, recorder: { ready: false, reason: 'no recorder has dialled in' } };
    const { text } = await page('/fr/status');
    expect(text).to.contain('Quelque chose ne fonctionne pas');
    expect(text.match(/<td>oui<\/td>/g)).to.have.length(3);
    expect(text).to.contain('<th scope="row">Enregistrement</th><td>non</td>');
  });

  it('allow a browser only what the page names by a nonce that is new each time', async () => {
    const nonces = new Set<string>();
    for (let time = 0; time < 2; time += 1) {
      const { text, headers } = await page('/en/security');
      const policy = headers.get('content-security-policy') ?? '';
      const [, nonce = ''] = /style-src 'nonce-([\w+/=]{22,})'/.exec(policy) ?? [];
      expect(policy).to.match(
        /^default-src 'none'; .*script-src 'none'; img-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(text).to.contain(`<link rel="stylesheet" href="/site.css" nonce="${nonce}">`);
      expect(headers.get('permissions-policy')).to.contain('camera=()').and.not.to.contain('self');
      nonces.add(nonce);
    }
    expect(nonces).to.have.property('size', 2);
  });

  it('as all answers do, come with care: HSTS, COOP, no sniffing, no frames, no devices but those that are used', async () => {
    for (const path of [
      '/',
      '/fr/privacy',
      '/join',
      '/sign-in',
      '/api',
      '/api/v1/me',
      '/assets/app-abc123.js',
    ]) {
      const { headers } = await test.browser().get(path);
      const told = (name: string) => headers.get(name) ?? '';
      expect(told('strict-transport-security'), path).to.equal('max-age=31536000');
      expect(told('cross-origin-opener-policy'), path).to.equal('same-origin');
      expect(told('x-content-type-options'), path).to.equal('nosniff');
      expect(told('referrer-policy'), path).to.equal('no-referrer');
      expect(told('permissions-policy'), path).to.contain('geolocation=()').and.not.to.contain('*');
      expect(told('content-security-policy'), path)
        .to.contain("frame-ancestors 'none'")
        .and.not.to.match(/unsafe|\*/);
    }
    expect((await test.browser().get('/join')).headers.get('permissions-policy')).to.contain('camera=(self)');
  });
});

describe('without public pages', () => {
  const test = useTestApp();

  it('all addresses are the app’s, and plain HTTP asks for no TLS', async () => {
    for (const path of ['/', '/privacy', '/fr']) {
      const { body, headers } = await test.browser().get(path);
      expect(body).to.contain('<title>CraterSync</title>');
      expect(headers.get('strict-transport-security')).to.equal(null);
    }
  });
});

describe('pricing', () => {
  let stripe: StripeServer;
  before(async () => {
    stripe = await StripeServer.start();
  });
  after(() => stripe.close());
  const test = useTestApp({ publicPages: { OPERATOR_FILE: operator }, billing: () => stripe.config });

  it('tells the plans as they are, with the prices of Stripe; where nothing is sold there is none', async () => {
    const text = String((await test.browser().get('/fr/pricing')).body);
    const rows = [...text.matchAll(/<tr><th scope="row">(.*?)<\/tr>/g)].map(([, row = '']) =>
      row.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '),
    );
    expect(rows).to.have.length(Object.keys(plans).length);
    expect(rows[0]).to.match(/^Free gratuit 2 heures par mois 4 par session/);
    expect(rows[1]).to.match(/^Pro \d[\d,]*.(€|\$US|\$) par mois 20 heures/);
    expect(rows[2]).to.match(/par mois et par membre 100 heures/);
    expect(rows[3]).to.match(/^Enterprise sur accord sans limite/);
    expect((await test.browser().get('/en')).body).to.contain('href="/en/pricing"');
    expect((await test.browser().get('/en/sub-processors')).body).to.contain('Stripe');
  });
});

describe('counting visits', () => {
  const test = useTestApp({
    publicPages: { OPERATOR_FILE: operator, GA_MEASUREMENT_ID: 'G-TEST1234', COUNTRY_HEADER: 'X-Country' },
  });
  const asks = async (country?: string) => {
    const { body } = await test.browser().get('/en', country === undefined ? {} : { 'x-country': country });
    return /data-analytics="G-TEST1234" data-consent="(\w+)"/.exec(String(body))?.[1];
  };

  it('waits for a yes in the EEA, the UK and Switzerland, and where the country is not known', async () => {
    for (const country of ['FR', 'de', 'IS', 'LI', 'NO', 'GB', 'CH', 'RE', 'XX', 'T1', '', 'Canada', '<'])
      expect(await asks(country), country).to.equal('needed');
    expect(await asks()).to.equal('needed');
    for (const country of ['CA', 'us', 'JP']) expect(await asks(country), country).to.equal('assumed');
  });

  it('believes nobody but a proxy of ours about the country', async () => {
    const app = express();
    app.set('trust proxy', '10.1.2.3');
    app.get('/', (request, response) => void response.json(needsConsent(request, 'X-Country')));
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { 'x-country': 'CA', 'x-forwarded-for': '10.1.2.3' };
    expect(await (await fetch(url, { headers })).json()).to.equal(true);
    server.closeAllConnections();
    server.close();
  });

  it('is named among what a browser keeps, and among the sub-processors; app pages allow nothing of it', async () => {
    const browser = test.browser();
    expect((await browser.get('/en/privacy')).body)
      .to.contain('_ga_TEST1234')
      .and.to.contain('390 days');
    expect((await browser.get('/en/sub-processors')).body).to.contain('Google (Google Analytics)');
    for (const path of ['/sign-in', '/join']) {
      const { headers, body } = await browser.get(path);
      expect(`${headers.get('content-security-policy')} ${body}`).not.to.match(/google/);
    }
  });
});
