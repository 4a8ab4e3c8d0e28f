import { expect } from 'chai';
import type { Browser } from '../http/fixtures/browser.ts';
import { BillingScene } from './fixtures/billing-scene.ts';

describe('while the payment service is in trouble', function () {
  this.timeout(60_000);
  const scene = new BillingScene();
  let rita: Browser;
  before(async () => {
    rita = await scene.app.host('rita@example.org');
    await scene.subscribe(rita, 'team');
  });
  afterEach(() => {
    Object.assign(scene.stripe, { isAway: false, hangs: false, throttled: 0 });
  });
  /** The product itself: none of it asks the payment service. */
  const goesOn = async () => {
    expect(await scene.see(rita)).to.include({ plan: 'team', seats: 1 });
    expect((await rita.post('/api/v1/sessions', { title: 'On' })).status).to.equal(201);
    const { headers } = await rita.get('/api/v1/me');
    expect(headers.get('content-type')).to.match(/json/);
  };
  const refused = async (answer: Promise<{ status: number; body: Record<string, unknown> }>) => {
    const { status, body } = await answer;
    expect({ status, code: body['code'], retryable: body['retryable'] }).to.deep.equal({
      ...{ status: 503, code: 'unavailable', retryable: true },
    });
    expect(body['detail']).to.match(/^The payment service is not reachable right now/);
  };

  it('the last known plan holds while it is away; who pays is told to try again; events are sent once more', async () => {
    scene.stripe.isAway = true;
    await goesOn();
    await refused(scene.portal(rita));
    await refused(scene.change(rita, 'free'));
    const event = { ...scene.stripe.books.events.at(-1), id: 'evt_while_away' };
    expect(await scene.post(event)).to.equal(503);
    scene.stripe.isAway = false;
    expect(await scene.post(event)).to.equal(200);
    expect((await scene.portal(rita)).status).to.equal(201);
  });

  it('nobody waits for longer than some seconds while it hangs, and it holds no connection of the database', async () => {
    scene.stripe.hangs = true;
    const begun = Date.now();
    const events = Array.from({ length: 30 }, (_, i) =>
      scene.post({ ...scene.stripe.books.events.at(-1), id: `evt_hanging_${i}` }),
    );
    const asked = refused(scene.portal(rita));
    await goesOn();
    expect(Date.now() - begun).to.be.lessThan(5_000);
    await asked;
    expect(new Set(await Promise.all(events))).to.deep.equal(new Set([503]));
    expect(Date.now() - begun).to.be.lessThan(30_000);
  });

  it('too many requests are answered “try again”, and nothing is done twice when that is done', async () => {
    scene.stripe.throttled = 1;
    await refused(scene.portal(rita));
    expect((await scene.portal(rita)).status).to.equal(201);
    scene.stripe.throttled = 1;
    expect(await scene.post({ ...scene.stripe.books.events.at(-1), id: 'evt_throttled' })).to.equal(503);
    expect(await scene.post({ ...scene.stripe.books.events.at(-1), id: 'evt_throttled' })).to.equal(200);
  });

  it('an order whose answer was lost makes one customer and one checkout when it is sent again', async () => {
    const zoe = await scene.app.host('zoe@example.org');
    for (const path of [/^\/v1\/customers$/, /^\/v1\/checkout\/sessions$/]) {
      scene.stripe.loseNextAnswer('POST', path);
      // The client of the payment service sends it once more by itself, with the same key.
      expect((await scene.order(zoe, 'pro')).status).to.equal(201);
    }
    const { books } = scene.stripe;
    const customers = [...books.customers.values()].filter(({ email }) => email === 'zoe@example.org');
    expect(customers).to.have.lengthOf(1);
    const open = [...books.checkouts.values()].filter(
      ({ customer, status }) => customer === customers[0]?.id && status === 'open',
    );
    expect(open).to.have.lengthOf(1);
  });

  it('keys that it refuses are a fault of ours, told as one', async () => {
    const { customers } = scene.stripe.books;
    const kept = [...customers];
    customers.clear();
    const { status, body } = await scene.portal(rita);
    expect([status, body.code, body.blame]).to.deep.equal([500, 'internal', 'us']);
    for (const [id, customer] of kept) customers.set(id, customer);
  });
});
