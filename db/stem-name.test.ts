import { expect } from 'chai';
import { stemName } from './stem-name.ts';

describe('stemName', () => {
  const names: [string, string][] = [
    ['Alice', '01-alice-mic'],
    ['Zoë  Müller', '01-zoe-muller-mic'],
    ['../../etc/passwd', '01-etc-passwd-mic'],
    ['CON', '01-con-mic'],
    ['a:b*c?"<>|', '01-a-b-c-mic'],
    ['小明', '01-guest-mic'],
    ['🙂', '01-guest-mic'],
    ['-rf', '01-rf-mic'],
    [`${'x'.repeat(39)} y`, `01-${'x'.repeat(39)}-mic`],
  ];
  for (const [displayName, expected] of names) {
    it(`makes ${expected} of ${displayName}`, () => {
      expect(stemName(1, displayName, 'mic')).to.equal(expected);
    });
  }

  it('sorts beyond nine', () => {
    expect(stemName(12, 'Alice', 'screen-audio')).to.equal('12-alice-screen-audio');
  });
});
