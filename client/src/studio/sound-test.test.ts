import { expect } from 'chai';
import { answerOf, fingerprintsOf } from './network-probe.ts';
import { judgeSound } from './sound-test.ts';

const moments = (...levels: [db: number, count: number][]) =>
  levels.flatMap(([db, count]) => Array.from({ length: count }, () => db));

describe('the test of one’s sound', () => {
  const speech = moments([-65, 20], [-18, 40]);
  const quietRoom = moments([-64, 60]);

  it('finds nothing wrong with words before a quiet room', () => {
    expect(judgeSound(speech, quietRoom)).to.deep.equal([]);
  });

  it('hears that nobody speaks, that somebody is quiet, and that they are too loud', () => {
    expect(judgeSound(moments([-80, 60]), quietRoom)).to.deep.equal(['silent']);
    expect(judgeSound([], [])).to.deep.equal(['silent']);
    expect(judgeSound(moments([-70, 20], [-36, 40]), quietRoom)).to.deep.equal(['quiet']);
    expect(judgeSound(moments([-65, 20], [0, 40]), quietRoom)).to.deep.equal(['too-loud']);
  });

  it('hears noise between the words', () => {
    expect(judgeSound(moments([-38, 20], [-12, 40]), moments([-38, 60]))).to.deep.equal(['noisy']);
  });

  it('hears a loudspeaker in the microphone', () => {
    expect(judgeSound(speech, moments([-64, 20], [-30, 40]))).to.deep.equal(['echo']);
  });
});

describe('the try of the network', () => {
  it('takes the fingerprints out of an offer', () => {
    const offer = 'v=0\r\na=fingerprint:sha-256 AA:BB\r\nm=application 9\r\n';
    expect(fingerprintsOf(offer)).to.deep.equal([{ algorithm: 'sha-256', value: 'AA:BB' }]);
  });

  it('answers as the SFU would, with all its candidates', () => {
    const candidate = { foundation: 'f', priority: 1, address: '192.0.2.1', port: 40_000, type: 'host' };
    const sdp = answerOf({
      iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
      iceCandidates: [
        { ...candidate, protocol: 'udp' },
        { ...candidate, protocol: 'tcp', tcpType: 'passive' },
      ],
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] },
    });
    expect(sdp).to.include('a=candidate:f 1 udp 1 192.0.2.1 40000 typ host\r\n');
    expect(sdp).to.include('a=candidate:f 1 tcp 1 192.0.2.1 40000 typ host tcptype passive\r\n');
    expect(sdp).to.include('a=fingerprint:sha-256 AA:BB\r\na=setup:passive');
    expect(() => answerOf({})).to.throw();
  });
});
