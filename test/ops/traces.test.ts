import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { press } from '../support/browser.ts';
import { hostSession, joinAsHost, timeRecorded } from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { TraceReceiver } from '../support/trace-receiver.ts';

describe('the trace of a recording', function () {
  this.timeout(120_000);
  let receiver: TraceReceiver;
  let host: Page;
  before(async () => {
    receiver = await TraceReceiver.start();
  });
  const scene = useStack(() => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }));
  after(() => receiver.close());

  it('leads from the click to the first chunk in the store, across the processes', async () => {
    host = await scene.page({ toneHz: 440 });
    await hostSession(host, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    await joinAsHost(host);
    await press(host, 'Start recording');
    await timeRecorded(host, 1);
    const road = await Promise.all(
      ['recording.start', 'ask recording.open', 'recording.open', 'first chunk stored'].map(name =>
        receiver.span(name),
      ),
    );
    expect(road.map(({ service }) => service)).to.deep.equal([
      ...['cratersync-signaling', 'cratersync-signaling', 'cratersync-recorder', 'cratersync-recorder'],
    ]);
    const [click, ...rest] = road;
    expect(new Set(road.map(({ traceId }) => traceId))).to.have.property('size', 1);
    expect(click?.parentSpanId ?? '').to.equal('');
    expect(rest.map(({ parentSpanId }) => parentSpanId)).to.deep.equal(
      road.slice(0, -1).map(({ spanId }) => spanId),
    );
  });

  it('names nobody', () => {
    expect(receiver.bodies.join('')).to.not.match(/Rita|rita@|Moon talk/);
  });
});
