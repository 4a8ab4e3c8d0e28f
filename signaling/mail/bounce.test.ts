import { expect } from 'chai';
import { MAX_BOUNCE_BYTES, readBounce } from './bounce.ts';
import { type NotificationOf, notification } from './fixtures/notification.ts';
import { MessageIds } from './message-ids.ts';

const ids = new MessageIds('a key that nobody else has');
const sentAt = new Date('2026-11-20T08:00:00Z');
const now = new Date('2026-11-20T08:05:00Z');
const idFor = (email: string, key = ids) => key.make({ id: 'letter-4711', at: sentAt }, email);
const read = (of: Partial<NotificationOf> = {}, at = now, by = ids) =>
  readBounce(notification({ email: 'ada@example.org', id: idFor('ada@example.org'), ...of }), by, at);

describe('a returned message', () => {
  it('says whose address takes nothing, and why', () => {
    expect(read()).to.deep.equal({
      email: 'ada@example.org',
      words: '550 5.1.1 <[address]>: Recipient address rejected: User unknown',
    });
    expect(read({ email: 'Ada@Example.ORG' })).to.include({ email: 'ada@example.org' });
  });

  it('is believed of nobody but whom the message with that Message-ID was sent to', () => {
    const none = { none: 'nothing in it was sent from here lately' };
    const forged = new MessageIds('the key of somebody else');
    expect(read({ email: 'rita@example.org' }), 'another’s address with one’s own letter').to.deep.equal(
      none,
    );
    expect(read({ id: idFor('ada@example.org', forged) })).to.deep.equal(none);
    expect(read({ id: idFor('ada@example.org').replace('4711', '4712') })).to.deep.equal(none);
    expect(read({ id: `letter-1.x.${'A'.repeat(22)}` })).to.deep.equal(none);
    expect(read({}, new Date('2027-01-20T08:00:00Z')), 'two months later').to.deep.equal(none);
  });

  it('comes back from where it was passed on to, and after the key was changed', () => {
    expect(read({ final: 'ada.elsewhere@example.com' })).to.include({ email: 'ada@example.org' });
    expect(read({}, now, new MessageIds('a new key', 'a key that nobody else has'))).to.have.property(
      'email',
    );
  });

  it('is no verdict on an address while it may still arrive, or for another reason', () => {
    expect(read({ action: 'delayed' })).to.have.property('none');
    expect(read({ status: '4.4.7' })).to.have.property('none');
    expect(read({ status: '5.2.2' })).to.have.property('none');
    expect(readBounce('Subject: Out of office\r\n\r\nI am away.', ids, now)).to.deep.equal({
      none: 'it is no delivery status notification',
    });
  });

  it('of any kind is read at once, and never thrown at', () => {
    const fill = (piece: string) => piece.repeat(MAX_BOUNCE_BYTES / piece.length);
    const head = 'Content-Type: message/delivery-status\nAction: failed\nStatus: 5.1.1\n';
    const hostile = ['', '\0', 'To: a@', '<letter-1.a.', ' \n', 'To: x@y\n', `<${idFor('x@y')}@z>`, '\n\t'];
    for (const piece of hostile.filter(each => each !== ''))
      expect(readBounce(head + fill(piece), ids, now), JSON.stringify(piece)).to.be.an('object');
    expect(readBounce('', ids, now)).to.have.property('none');
  });
});
