import { deliverLetters, runBillingJobs } from '@cratersync/recorder/testing';
import { plans, type RecordingView, rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { say, type Told } from '../support/api.ts';
import { StripeServer } from '../support/stripe-server.ts';
import { hears, type Person, Stage } from './stage.ts';

const asks = <T>(person: Person, command: string, body: object = {}) =>
  say(person.socket, command, body) as Promise<Told<T>>;
const HOURS = plans.free.recordedHours ?? 0;
const PEOPLE = plans.free.people ?? 0;

describe('the limits of a plan, in the room', function () {
  this.timeout(60_000);
  let stripe: StripeServer;
  let stage: Stage;
  before(async () => {
    stripe = await StripeServer.start();
    stage = await Stage.open([], stripe.environment);
  });
  after(async () => {
    await stage?.close();
    await stripe.close();
  });

  const owner = () => stage.server.db.owner;
  const billing = async () => rest.billing.parse((await stage.rita.get('/api/v1/organization/billing')).body);
  /** As if that had been recorded already, this month. */
  const recorded = async (hours: number, ms = 0) => {
    await owner().query(
      `UPDATE app.recordings SET state = 'complete', duration_ms = 0, manifest_key = 'key', merkle_root = repeat('ab', 32)`,
    );
    await owner().query(
      `INSERT INTO app.recordings (organization_id, recording_id, session_id, state, started_at, duration_ms, began,
         manifest_key, merkle_root)
       SELECT organization_id, gen_random_uuid(), session_id, 'complete', date_trunc('month', now(), 'UTC'), $1, true,
         'key', repeat('ab', 32) FROM app.sessions LIMIT 1`,
      [hours * 3_600_000 + ms],
    );
  };
  const worker = async () => {
    const { db, mail } = stage.server;
    await owner().query('UPDATE graphile_worker._private_jobs SET run_at = now()');
    await runBillingJobs(db.workerUrl, stripe.config);
    mail.messages.length = 0;
    await deliverLetters(db.workerUrl, mail.port);
    const letters = mail.messages.map(message => message.replace(/=\r\n/g, ''));
    return letters.filter(letter => letter.includes('hours that Free has each month'));
  };

  it('lets in as many people as there is room for; whoever is inside may come back, and who leaves makes room', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    const guests: Person[] = [];
    for (let i = 1; i < PEOPLE; i += 1) guests.push(await session.come('guest', `Guest ${i}`));
    const { token } = await session.link();
    const seat = await session.seatBy(token, 'One more');
    const late = await session.connect(seat);
    const { error } = await asks(late, 'join', { resume: [] });
    expect(error?.code).to.equal('plan_limit');
    expect(error?.message).to.contain(`${PEOPLE} people at a time`);
    const [first] = guests;
    if (first === undefined) throw new Error('nobody has come');
    const again = await session.connect(first);
    expect((await asks(again, 'join', { resume: [] })).error).to.equal(undefined);
    await asks(again, 'leave');
    await hears(host, 'participantChanged', body => (body as { state: string }).state === 'left');
    expect((await asks(late, 'join', { resume: [] })).error).to.equal(undefined);
  });

  it('lets two who come at once for the last place in by one', async () => {
    const session = await stage.session();
    await session.hostComes();
    for (let i = 2; i < PEOPLE; i += 1) await session.come('guest', `Guest ${i}`);
    const { token } = await session.link();
    const both = await Promise.all(
      ['Ada', 'Bea'].map(async name => session.connect(await session.seatBy(token, name))),
    );
    const answers = await Promise.all(both.map(each => asks(each, 'join', { resume: [] })));
    expect(answers.map(({ error }) => error?.code ?? 'in').toSorted()).to.deep.equal(['in', 'plan_limit']);
  });

  it('begins no recording when the hours of the month are used up, and says so beforehand', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    await recorded(HOURS);
    for (const command of ['recording.check', 'recording.start']) {
      const { error } = await asks(host, command);
      expect(error?.code, command).to.equal('plan_limit');
      expect(error?.message).to.contain(`The ${HOURS} hours of recording`);
    }
    await owner().query('UPDATE app.recordings SET started_at = started_at - interval $$40 days$$');
    expect((await asks<RecordingView>(host, 'recording.start')).ok?.state).to.equal('recording');
    await asks(host, 'recording.stop');
  });

  it('never stops a recording that runs: it goes on, and the owner is told once, by letter and on the page', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    await recorded(HOURS, -120_000);
    expect((await asks<RecordingView>(host, 'recording.start')).ok?.state).to.equal('recording');
    // Time is not up yet: nobody is written to, and it is looked at again.
    expect(await worker()).to.have.lengthOf(0);
    await owner().query(
      `UPDATE app.recordings SET started_at = now() - interval '3 minutes' WHERE duration_ms IS NULL`,
    );
    const letters = await worker();
    expect(letters).to.have.lengthOf(1);
    expect(letters[0]).to.contain('What is being recorded now goes on, and is kept whole');
    expect((await billing()).recordedHours).to.be.greaterThan(HOURS);
    // Still it records, and people come and go as before.
    await session.come('guest', 'Larry');
    const paused = await asks<RecordingView>(host, 'recording.pause');
    expect(paused.ok).to.include({ state: 'recording', isPaused: true });
    await asks(host, 'recording.resume');
    // A second one does not begin; and nobody is told a second time.
    const other = await (await stage.session()).hostComes();
    expect((await asks(other, 'recording.start')).error?.code).to.equal('plan_limit');
    expect(await worker()).to.have.lengthOf(0);
    expect((await asks<RecordingView>(host, 'recording.stop')).ok?.state).to.equal('draining');
  });

  it('are those of the larger plan as soon as it is paid for, also while everything goes on', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    await recorded(HOURS);
    expect((await asks(host, 'recording.start')).error?.code).to.equal('plan_limit');
    stripe.webhookUrl = `${stage.server.url}/webhooks/stripe`;
    const { body } = await stage.rita.post('/api/v1/organization/billing/checkout', { plan: 'team' });
    await fetch(rest.leadsTo.parse(body).url, { method: 'POST', redirect: 'manual' });
    await stripe.settled();
    expect((await asks<RecordingView>(host, 'recording.start')).ok?.state).to.equal('recording');
    for (let i = 0; i < PEOPLE; i += 1) await session.come('guest', `Guest ${i}`);
    await asks(host, 'recording.stop');
  });
});
