import { expect } from 'chai';
import { person, roomWith, sent } from './fixtures/room.ts';
import { preflight } from './preflight.ts';
import { noVoices } from './voices.ts';

describe('before a recording', () => {
  it('tells of everybody who is recorded whether they were heard, what else there is, and what is doubtful', () => {
    const [rita, ada, bob] = [person('Rita', { role: 'host' }), person('Ada'), person('Bob')];
    const [cleo, dan, paul] = [
      person('Cleo'),
      person('Dan', { state: 'reconnecting' }),
      person('Paul', { role: 'producer' }),
    ];
    const room = roomWith([rita, ada, bob, cleo, dan, paul], {
      producers: [sent(ada, 'mic'), sent(ada, 'camera', true), sent(bob, 'mic', true), sent(dan, 'mic')],
    });
    const voices = { ...noVoices, heard: [rita.participantId], unheard: [ada.participantId] };
    const own = [sent(rita, 'mic'), sent(rita, 'camera'), sent(rita, 'screen'), sent(rita, 'screen-audio')];
    const found = preflight(room, voices, own);
    expect(
      found.map(each => [each.person.displayName, each.microphone, each.others, each.isDoubtful]),
    ).to.deep.equal([
      ['Rita', 'heard', ['camera', 'screen', 'screen-audio'], false],
      ['Ada', 'unheard', [], true],
      ['Bob', 'muted', [], false],
      ['Cleo', 'none', [], false],
      // They are recorded as soon as they are back: nobody need wait for that.
      ['Dan', 'listening', [], false],
    ]);
  });
});
