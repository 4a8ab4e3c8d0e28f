import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import {
  choose,
  countsDeviceRequests,
  deviceRequests,
  flip,
  hostSession,
  invite,
  joinAsHost,
  leaveSoundAlone,
  openRecordingPage,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';

const people = ['rita', 'ada', 'paul'] as const;
type Person = (typeof people)[number];
const tones: Record<Person, number> = { rita: 523, ada: 784, paul: 1175 };

// One story, told in order: each step stands on the one before.
describe('a session with a lobby, a co-host and a producer', function () {
  this.timeout(180_000);
  const scene = useStack();
  const pages = {} as Record<Person, Page>;
  const links = {} as Record<'guest' | 'producer', string>;

  before(async () => {
    for (const person of people) pages[person] = await scene.page({ toneHz: tones[person] });
  });

  it('has links for each role, made in the session’s page, and a lobby', async () => {
    const { rita } = pages;
    await hostSession(rita, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    links.guest = await invite(rita);
    await choose(rita, 'Who it is for', 'Producer: never recorded');
    await choose(rita, 'Lets in', 'One person');
    await press(rita, 'Create invitation link');
    await sees(rita, '0 of 1 came by it');
    links.producer = await rita
      .locator(named('textbox', 'Invitation link'))
      .map(input => (input as HTMLInputElement).value)
      .wait();
    expect(links.producer).not.to.equal(links.guest);
    await flip(rita, 'Lobby');
  });

  it('has a guest wait until the host is there and lets them in', async () => {
    const { rita, ada } = pages;
    await ada.goto(links.guest);
    await fill(ada, 'Your name', 'Ada');
    await sees(ada, 'You join with sound and picture.');
    await leaveSoundAlone(ada);
    await press(ada, 'Join');
    await sees(ada, 'The host is not here yet');
    await joinAsHost(rita);
    await sees(ada, 'The host sees that you are here.');
    await sees(rita, '1 person waits to be let in');
    await press(rita, 'Let Ada in');
    await Promise.all([receivesFrom(rita, 1), receivesFrom(ada, 1)]);
  });

  it('has a producer see and hear everybody, without a microphone or camera being asked for', async () => {
    const { rita, ada, paul } = pages;
    await countsDeviceRequests(paul);
    await paul.goto(links.producer);
    await sees(paul, 'Nobody sees or hears you, and nothing of you is recorded.');
    await fill(paul, 'Your name', 'Paul');
    await press(paul, 'Join');
    await press(rita, 'Let Paul in');
    await receivesFrom(paul, 2);
    expect(await paul.$$(named('button', 'Mute'))).to.have.lengthOf(0);
    expect(await deviceRequests(paul)).to.equal(0);
    await press(rita, 'People (3)');
    await sees(rita, 'Producer, not recorded');
    await receivesFrom(ada, 1);
  });

  it('lets a host make somebody a co-host, who then can start the recording', async () => {
    const { rita, ada, paul } = pages;
    expect(await ada.$$(named('button', 'Start recording'))).to.have.lengthOf(0);
    await press(rita, 'Options for Ada');
    await press(rita, 'Make co-host', 'menuitem');
    await press(ada, 'Start recording');
    for (const page of [rita, ada, paul]) await sees(page, 'Recording');
    await timeRecorded(rita, 3);
  });

  it('closes a microphone that the host mutes, and says so; its owner opens it again', async () => {
    const { rita, ada } = pages;
    await press(rita, 'Options for Ada');
    await press(rita, 'Mute', 'menuitem');
    await sees(ada, 'Rita has muted your microphone.');
    await press(ada, 'Unmute');
    await ada.locator(named('button', 'Mute')).wait();
  });

  it('sends out whoever came by a link that is revoked, with the reason', async () => {
    const { rita, paul } = pages;
    const dashboard = await scene.tabBeside(rita);
    await dashboard.goto(new URL(rita.url()).href.replace('/studio', ''));
    await sees(dashboard, 'Producer link of');
    // The newest link stands first: it is the producer's.
    await press(dashboard, 'Revoke');
    await sees(paul, 'You are no longer in the room');
    await sees(paul, 'This link does not work (any more).');
    await dashboard.close();
    await rita.bringToFront();
    await rita.locator(named('button', 'People (2)')).wait();
  });

  it('has recorded the host and the co-host, and nothing of the producer', async () => {
    const { rita } = pages;
    await timeRecorded(rita, 6);
    await press(rita, 'Stop recording');
    const { recording } = await openRecordingPage(rita);
    expect([...new Set(recording.stems.map(stem => stem.participantName))].toSorted()).to.deep.equal([
      'Ada',
      'Rita',
    ]);
    expect(scene.faults).to.deep.equal([]);
  });

  it('ends for everybody when the host says so', async () => {
    const { rita, ada } = pages;
    await rita.bringToFront();
    await press(rita, 'End for everybody…');
    await press(rita, 'End it');
    await sees(ada, 'The host has ended this session.');
    await sees(rita, 'You left');
    await press(ada, 'Join again');
    await press(ada, 'Join');
    await sees(ada, 'You could not join');
  });
});
