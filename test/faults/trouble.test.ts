import { once } from 'node:events';
import { errors } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { refusalOf } from '../support/refusal.ts';
import { Rig, type Session } from './rig.ts';
import { Random } from './seeds.ts';

const refused = (code: string) => Object.assign(new Error(`${code}: refused`), { code, syscall: 'write' });

describe('a recorder in trouble', () => {
  let rig: Rig;
  let session: Session;
  beforeEach(async () => {
    rig = await Rig.start();
    session = await rig.open();
  });
  afterEach(() => rig.end());

  const warnings = () =>
    rig.reports.filter(({ name }) => name === 'recording.warned').map(({ body }) => body.message);
  const complete = async () => {
    await rig.finish(session);
    const reader = await rig.check(session);
    expect(await rig.leftovers()).to.deep.equal([]);
    return reader;
  };

  for (const [operation, code] of [
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
    ['open', 'ENOSPC'],
  ] as const) {
    it(`acknowledges nothing that ${operation} refused with ${code}, tells the host, and loses nothing`, async () => {
      await rig.join(session, 'mic');
      await rig.join(session, 'camera');
      await rig.pass(11_000);
      rig.life.disk.before = asked => {
        if (asked === operation || (operation === 'open' && asked === 'write')) throw refused(code);
      };
      const failsUs = rig.clock.nowUs();
      while (warnings().length === 0) await rig.pass(50);
      expect(rig.clock.nowUs() - failsUs).to.be.at.most(5_000_000);
      expect(warnings()[0]).to.match(/disk of the recorder/);
      await rig.pass(12_000);
      const refusal = await refusalOf(rig.open());
      expect(refusal?.code).to.equal('recording_refused');
      expect(warnings()).to.have.length(1);
      rig.life.disk.before = () => {};
      await rig.pass(1000);
      const { manifest } = await complete();
      for (const { gaps } of manifest.tracks) expect(gaps).to.deep.equal([]);
    });
  }

  it('loses what a full disk has never taken when it dies, and says so, but nothing else', async () => {
    await rig.join(session, 'mic');
    await rig.pass(3_000);
    rig.life.disk.before = asked => {
      if (asked === 'sync') throw refused('EIO');
    };
    while (warnings().length === 0) await rig.pass(50);
    rig.life.disk.before = () => {};
    await rig.pass(3_000);
    await rig.crash(new Random(7));
    rig.clock.advance(1_000);
    await rig.launch();
    await rig.reopen();
    await rig.pass(1_000);
    await complete();
  });

  it('drops pictures first when too much waits for the disk, sound when still more does, and says so', async () => {
    await rig.end();
    // A hundredth of what it really keeps in memory.
    rig = await Rig.start({ journal: { maxPendingBytes: { video: 1_920_000, audio: 2_000_000 } } });
    session = await rig.open();
    const mic = await rig.join(session, 'mic');
    const camera = await rig.join(session, 'camera');
    await rig.pass(2000);
    rig.life.disk.before = asked => {
      if (asked === 'write') throw refused('ENOSPC');
    };
    const failsUs = rig.clock.nowUs();
    const step = async () => {
      await rig.pass(10);
      camera.shed = !rig.life.journal.hasRoom('video');
      mic.shed = !rig.life.journal.hasRoom('audio');
    };
    while (warnings().length === 0) await step();
    expect(rig.clock.nowUs() - failsUs).to.be.at.most(5_000_000);
    while (!camera.shed) await step();
    expect(mic.shed).to.equal(false);
    while (!mic.shed) await step();
    for (let i = 0; i < 50; i += 1) await step();
    rig.life.disk.before = () => {};
    for (let i = 0; i < 200; i += 1) await step();
    expect({ mic: mic.shed, camera: camera.shed }).to.deep.equal({ mic: false, camera: false });
    const { manifest } = await complete();
    const [ofMic, ofCamera] = manifest.tracks.map(({ gaps }) => gaps);
    for (const gaps of [ofMic, ofCamera])
      expect(gaps?.map(({ cause }) => cause)).to.deep.equal(['recorder-full']);
    expect(ofCamera?.[0]?.startUs).to.be.lessThan(ofMic?.[0]?.startUs ?? 0);
  }).timeout(60_000);

  it('tells the host when the disk does not answer at all', async () => {
    await rig.join(session, 'mic');
    await rig.pass(1000);
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.life.disk.before = () => promise;
    const passing = rig.pass(1000);
    expect((await rig.heard('recording.warned', session)).message).to.match(/disk of the recorder/);
    resolve();
    await passing;
    await complete();
  });

  it('repeats what the database does not take, until it does', async () => {
    await rig.join(session, 'mic');
    await rig.pass(2000);
    let refusals = 6;
    rig.answer = name => {
      if (name !== 'recording.finalized' || refusals === 0) return;
      refusals -= 1;
      throw errors.unavailable('database');
    };
    await rig.life.node.handlers['recording.close']({ recordingId: session.recordingId });
    while (rig.reports.filter(({ name }) => name === 'recording.finalized').length < 7)
      await once(rig, 'report');
    await rig.check(session);
    expect(await rig.leftovers()).to.deep.equal([]);
  });

  it('records on without the key store, refuses a new recording within 3 s, and says why', async () => {
    await rig.join(session, 'mic');
    await rig.pass(1000);
    rig.keys.away = new Error('The vault is sealed.');
    const refusal = await refusalOf(rig.open());
    expect(refusal?.code).to.equal('recording_refused');
    expect(refusal?.message).to.match(/key store.*The vault is sealed/);
    await rig.pass(11_000);
    await rig.finish(session);
    rig.keys.away = null;
    const { manifest } = await rig.check(session);
    expect(manifest.tracks[0]?.gaps).to.deep.equal([]);
  });

  for (const hours of [-1, 1])
    it(`goes by its own clock when the wall clock is set by ${hours} h, also through a restart`, async () => {
      await rig.join(session, 'mic');
      await rig.pass(2000);
      rig.clock.stepWall(hours * 3_600_000);
      await rig.pass(2000);
      await rig.crash(new Random(3));
      rig.clock.advance(1500);
      rig.clock.stepWall(hours * 3_600_000);
      await rig.launch();
      await rig.reopen();
      await rig.pass(2000);
      const { manifest } = await complete();
      expect(manifest.durationUs).to.equal(7_500_000);
      expect(manifest.startedAt).to.equal('2026-01-01T00:00:05.000Z');
    });

  it('goes by the wall clock through a reboot, but not by how it was set before', async () => {
    await rig.join(session, 'mic');
    await rig.pass(2000);
    rig.clock.stepWall(3_600_000);
    await rig.pass(2000);
    await rig.crash(new Random(3));
    rig.clock.advance(60_000);
    const beforeUs = rig.at(session);
    rig.clock.reboot();
    session.zeroUs = rig.clock.nowUs() - beforeUs;
    await rig.launch();
    await rig.reopen();
    await rig.pass(1000);
    const { manifest } = await complete();
    expect(manifest.durationUs).to.be.within(65_000_000 - 20_000, 65_000_000 + 20_000);
  });
});
