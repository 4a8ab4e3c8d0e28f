import { expect } from 'chai';
import { seededRandom } from '../../test/support/random.ts';
import type { Browser } from '../http/fixtures/browser.ts';
import { BillingScene, subjectsOf } from './fixtures/billing-scene.ts';

describe('what the payment service tells', function () {
  this.timeout(120_000);
  const scene = new BillingScene();
  let rita: Browser;
  let people = 0;
  beforeEach(async () => {
    people += 1;
    rita = await scene.app.host(`rita-${people}@example.org`);
  });
  const written = async () => {
    scene.app.mail.messages.length = 0;
    await scene.app.deliverLetters();
    return subjectsOf(scene.app.mail);
  };
  const known = async () => {
    const { rows } = await scene.app.db.owner.query('SELECT count(*)::int AS n FROM app.stripe_events');
    return rows[0].n;
  };

  it('is believed only with its signature over every byte, not older than 300 s, and not from a page', async () => {
    await scene.subscribe(rita, 'pro');
    const { books } = scene.stripe;
    const event = { ...books.events.at(-1), id: 'evt_forged' };
    const body = JSON.stringify(event);
    const now = books.nowS();
    const before = await known();
    for (const signature of [
      ...['', 'nonsense', `t=${now}`, scene.stripe.sign(body, now, 'whsec_of_somebody_else')],
      ...[scene.stripe.sign(`${body} `), scene.stripe.sign(body, now - 302)],
    ])
      expect(await scene.post(event, signature), signature).to.equal(400);
    const url = `${scene.app.origin}/webhooks/stripe`;
    const headers = { 'content-type': 'application/json', 'stripe-signature': scene.stripe.sign(body) };
    const fromPage = { ...headers, origin: 'https://evil.example' };
    expect((await fetch(url, { method: 'POST', headers: fromPage, body })).status).to.equal(403);
    const huge = JSON.stringify({ ...event, more: 'x'.repeat(2 ** 20) });
    expect((await fetch(url, { method: 'POST', headers, body: huge })).status).to.equal(413);
    expect(await known()).to.equal(before);
    expect(await scene.post(event, scene.stripe.sign(body, now - 290))).to.equal(200);
    expect(await known()).to.equal(before + 1);
  });

  it('ends in one state, with one entry and one letter for each thing, when 1,000 events come shuffled and repeated', async () => {
    const { books } = scene.stripe;
    const begins = books.events.length;
    await scene.order(rita, 'team');
    const checkout = [...books.checkouts.values()].at(-1);
    if (checkout === undefined) throw new Error('nothing was ordered');
    const subscription = books.complete(checkout);
    const [item] = subscription.items.data;
    if (item === undefined) throw new Error('nothing was paid for');
    for (let month = 0; month < 70; month += 1) {
      const invoice = books.renew(subscription, { isPaid: month % 7 !== 3 });
      if (invoice.status === 'open') books.pay(invoice);
      books.changeItem(subscription, item, { price: undefined, quantity: 1 + (month % 5), prorates: true });
      books.emit('customer.subscription.updated', subscription);
    }
    books.changeItem(subscription, item, { price: undefined, quantity: 1, prorates: true });
    books.renew(subscription, { isPaid: false });
    const happened = books.events.slice(begins);
    const random = seededRandom(7);
    const shuffled = Array.from({ length: 1000 }, (_, i) => happened[i % happened.length])
      .map(event => ({ event, place: random() }))
      .toSorted((a, b) => a.place - b.place);
    expect(happened.length).to.be.within(200, 500);
    // Several at a time, as they come.
    const queue = [...shuffled];
    const take = async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop())
        expect(await scene.post(next.event ?? {})).to.equal(200);
    };
    await Promise.all(Array.from({ length: 6 }, take));

    const seen = await scene.see(rita);
    const { current_period_end: end } = item;
    expect(seen).to.include({ plan: 'team', status: 'past_due', seats: 1, endsAt: null });
    expect(seen.renewsAt).to.equal(new Date(end * 1000).toISOString());
    expect(await scene.audited(rita)).to.deep.equal([
      ...['plan.changed {"from":"free","to":"team"}', 'plan.ordered {"plan":"team"}'],
    ]);
    const { rows } = await scene.app.db.owner.query(
      'SELECT count(*)::int AS n FROM app.stripe_events WHERE event_id = ANY ($1)',
      [happened.map(({ id }) => id)],
    );
    expect(rows[0].n).to.equal(happened.length);
    const letters = (await written()).filter(subject => /^(Receipt|The payment)/.test(subject));
    const paid = happened.filter(({ type, data }) => {
      const { amount_paid: amount } = data.object as { amount_paid?: number };
      return type === 'invoice.paid' && (amount ?? 0) > 0;
    });
    expect(letters.filter(subject => subject.startsWith('Receipt'))).to.have.lengthOf(paid.length);
    // Of those that failed, all but the last were paid meanwhile.
    expect(letters.filter(subject => subject.startsWith('The payment'))).to.have.lengthOf(1);
  });

  it('never puts an old state over a new one, however slowly it was asked for', async () => {
    const subscription = await scene.subscribe(rita, 'pro');
    const { books } = scene.stripe;
    // An answer that is on its way while the next change happens, and arrives after it was written down.
    const slow = scene.stripe.holdNext(/^\/v1\/customers\//);
    books.emit('customer.subscription.updated', subscription);
    const late = scene.deliver();
    await slow.isHeld;
    books.renew(subscription, { isPaid: true });
    const [, , last] = books.events.slice(-3);
    expect(await scene.post(last ?? {})).to.equal(200);
    expect((await scene.see(rita)).status).to.equal('active');
    slow.release();
    await late;
    expect((await scene.see(rita)).status).to.equal('active');
  });

  it('leaves alone what is another’s: customers without an organization, of another installation, prices of other things', async () => {
    const { books } = scene.stripe;
    const foreign = (organizationId: string | undefined) => {
      const metadata: Record<string, string> = organizationId === undefined ? {} : { organizationId };
      const id = books.id('cus');
      books.customers.set(id, {
        ...{ id, object: 'customer', created: 0, email: null, name: null },
        metadata,
      });
      return {
        id: books.id('evt'),
        object: 'event',
        type: 'invoice.paid',
        data: { object: { id, customer: id } },
      };
    };
    const type = 'customer.subscription.updated';
    for (const organizationId of [undefined, '00000000-0000-4000-8000-000000000000', 'nonsense'])
      expect(await scene.post({ ...foreign(organizationId), type })).to.equal(200);
    expect(
      await scene.post({ id: 'evt_x', object: 'event', type: 'price.created', data: { object: {} } }),
    ).to.equal(200);
    expect((await scene.see(rita)).plan).to.equal('free');
    const subscription = await scene.subscribe(rita, 'pro');
    const [item] = subscription.items.data;
    if (item === undefined) throw new Error('nothing was paid for');
    books.addPrice('price_of_a_mug', 900);
    item.price = books.price('price_of_a_mug');
    books.emit('customer.subscription.updated', subscription);
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ plan: 'free', status: null });
  });

  it('takes an older price of a plan for that plan', async () => {
    const { books } = scene.stripe;
    const subscription = await scene.subscribe(rita, 'team');
    books.addPrice('price_team_of_old', 1200);
    for (const item of subscription.items.data) item.price = books.price('price_team_of_old');
    books.emit('customer.subscription.updated', subscription);
    await scene.deliver();
    expect((await scene.see(rita)).plan).to.equal('team');
  });

  it('makes Free of an organization whose customer was deleted there; it can pay anew', async () => {
    await scene.subscribe(rita, 'pro');
    const { books } = scene.stripe;
    const customer = [...books.customers.values()].at(-1);
    if (customer === undefined) throw new Error('there is no customer');
    books.customers.delete(customer.id);
    books.emit('customer.deleted', customer);
    await scene.deliver();
    expect(await scene.see(rita)).to.include({ plan: 'free', hasAccount: false });
    await scene.subscribe(rita, 'pro');
    expect((await scene.see(rita)).plan).to.equal('pro');
  });

  it('is written to all owners in their language: receipts, failed payments, the end of a trial', async () => {
    await written();
    const subscription = await scene.subscribe(rita, 'pro');
    const { books } = scene.stripe;
    const second = await scene.app.member(rita, 'admin');
    const { accountId } = (await second.get('/api/v1/me')).body;
    await rita.patch(`/api/v1/organization/members/${accountId}`, { role: 'owner' });
    await second.patch('/api/v1/me', { language: 'fr' });
    // What was paid was nothing yet: no receipt.
    expect((await written()).filter(subject => /receipt|reçu/i.test(subject))).to.deep.equal([]);
    books.emit('customer.subscription.trial_will_end', subscription);
    await scene.deliver();
    const trial = await written();
    expect(trial).to.have.lengthOf(2);
    expect(trial.join('\n')).to.match(/^Your trial of Pro ends on \d+ \w+ \d{4}$/m);
    expect(trial.join('\n')).to.match(/^Votre essai de Pro se termine le \d+ \S+ \d{4}$/m);
    const invoice = books.renew(subscription, { isPaid: false });
    await scene.deliver();
    expect((await written()).toSorted()).to.deep.equal([
      ...['Le paiement pour Moon Radio a échoué', 'The payment for Moon Radio failed'],
    ]);
    books.pay(invoice);
    await scene.deliver();
    const receipts = await written();
    expect(receipts.join('\n').replace(/\s/g, ' ')).to.contain('Receipt: €19.00 for Moon Radio');
    expect(receipts.join('\n').replace(/\s/g, ' ')).to.contain('Reçu : 19,00 € pour Moon Radio');
    const french = scene.app.mail.messages.find(message => message.includes('Facture'));
    expect(french).to.contain(invoice.number);
  });

  it('keeps no card, no address, and nothing of an event but its id, type and time', async () => {
    await scene.subscribe(rita, 'pro');
    const { rows } = await scene.app.db.owner.query(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'app' AND table_name IN ('stripe_events', 'subscriptions') ORDER BY 1`,
    );
    const names: string[] = rows.map(({ name }) => name);
    expect(names.filter(name => name.startsWith('stripe_events'))).to.deep.equal([
      ...['stripe_events.at', 'stripe_events.event_id', 'stripe_events.type'],
    ]);
    expect(names.filter(name => /card|address|email|name|phone|payment_method/.test(name))).to.deep.equal([]);
  });
});
