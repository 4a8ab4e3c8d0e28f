import { expect } from 'chai';
import { isAboutAddress, masked, verdictOn, wordsOf } from './verdict.ts';

/** As nodemailer throws it. */
const answered = (response: string, command = 'RCPT TO') =>
  Object.assign(new Error('refused'), { responseCode: Number(response.slice(0, 3)), response, command });

describe('what a mail server answers', () => {
  it('is about the address, the message, the amount, or about us', () => {
    const answers: [string, string, string?][] = [
      ['bounced', '550 5.1.1 no such user'],
      ['bounced', '550 no such mailbox here'],
      ['bounced', '553 5.1.2 no such domain'],
      ['bounced', '550-5.2.1 The account is disabled'],
      ['bounced', '550 5.1.1 no such user', 'DATA'],
      ['refused', '550 5.7.1 your address is on a list'],
      ['refused', '552 5.2.2 the mailbox is full'],
      ['refused', '550 5.1.8 the sender is nobody'],
      ['refused', '554 transaction failed', 'DATA'],
      ['refused', '550 we know you', 'MAIL FROM'],
      ['throttled', '421 4.7.0 come back later'],
      ['throttled', '450 4.7.0 the rate of your mail is too high'],
      ['throttled', '452 4.5.3 Too many recipients'],
      ['unreached', '451 4.7.1 Greylisted, too many tries: see http://example.org'],
      ['unreached', '451 4.3.0 the disk is full'],
      ['unreached', '450 4.2.1 the user gets mail at too high a rate'],
      ['unreached', '452 mailbox quota exceeded'],
      ['unreached', '535 5.7.8 wrong password', 'AUTH PLAIN'],
      ['unreached', '530 5.7.0 authentication required', 'MAIL FROM'],
      ['unreached', '554 5.7.1 no access', 'CONN'],
    ];
    for (const [verdict, response, command] of answers)
      expect(verdictOn(answered(response, command)), `${response} to ${command}`).to.equal(verdict);
    expect(verdictOn(new Error('connect ECONNREFUSED'))).to.equal('unreached');
  });

  it('is told in a line, without addresses', () => {
    expect(wordsOf(answered('550 5.1.1 <ada@example.org>:\r\n user\u0007 unknown'))).to.equal(
      '550 5.1.1 <[address]>: user unknown',
    );
    expect(wordsOf(answered(`550 ${'x'.repeat(2000)}`))).to.have.lengthOf(300);
    expect(masked('ada@example.org')).to.equal('a***@example.org');
  });

  it('in a notification is about the address by its status alone', () => {
    expect(['5.1.1', '5.0.0', '5.4.1'].every(isAboutAddress)).to.equal(true);
    expect(['5.2.2', '5.7.1', '4.4.7', '5.1.8', '', '5'].some(isAboutAddress)).to.equal(false);
  });
});
