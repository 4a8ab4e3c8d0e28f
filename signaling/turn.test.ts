import { ConfigError, readConfig } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { iceServersOf, turnConfig, turnCredential, turnShape } from './turn.ts';

const secret = 'a secret that relays are told, too';

describe('credentials for relays', () => {
  it('are what another HMAC makes of them', () => {
    // printf 1796000000:6f70617175652d6964 | openssl dgst -sha1 -hmac 'a secret that relays are told, too' -binary | base64
    expect(turnCredential(secret, 1_796_000_000, '6f70617175652d6964')).to.deep.equal({
      username: '1796000000:6f70617175652d6964',
      credential: 'U0f1r+pRNPBZ/I8bMJ+524e7mm0=',
    });
  });

  it('are fresh each time, last six hours, and name nobody', () => {
    const urls = ['turn:relay.example.org', 'turns:relay.example.org:443?transport=tcp'];
    const next = iceServersOf({ urls, secret }, { wallMs: () => 1_796_000_000_999 });
    const [first, second] = [next(), next()].map(servers => servers[0]);
    expect(first?.urls).to.deep.equal(urls);
    const [expiresS, id = ''] = first?.username.split(':') ?? [];
    expect(Number(expiresS)).to.equal(1_796_000_000 + 6 * 3600);
    expect(id).to.match(/^[0-9a-f]{24}$/);
    expect(first?.credential).to.equal(turnCredential(secret, Number(expiresS), id).credential);
    expect(second?.username).to.not.equal(first?.username);
  });

  it('are none where there is no relay', () => {
    expect(iceServersOf(null, { wallMs: Date.now })()).to.deep.equal([]);
  });
});

describe('the configuration of relays', () => {
  const configure = (env: NodeJS.ProcessEnv) => {
    try {
      return turnConfig(readConfig(turnShape, env));
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.join();
      throw error;
    }
  };

  it('is both addresses and secret, or neither', () => {
    expect(configure({})).to.equal(null);
    expect(configure({ TURN_URLS: '', TURN_SECRET: '' })).to.equal(null);
    const TURN_URLS = 'turn:relay.example.org:3478, turn:192.0.2.1?transport=tcp,turns:[2001:db8::1]:443';
    expect(configure({ TURN_URLS, TURN_SECRET: secret })).to.deep.equal({
      urls: TURN_URLS.split(/, ?/),
      secret,
    });
    expect(configure({ TURN_URLS })).to.match(/^TURN_SECRET is not set: .*both TURN_URLS and TURN_SECRET/);
    expect(configure({ TURN_SECRET: secret })).to.match(/^TURN_URLS is not set: .*both TURN_URLS/);
  });

  it('is refused where a browser would not take an address, or the secret could be guessed; and is not repeated', () => {
    for (const url of [
      'https://relay.example.org',
      'turn:',
      'turn:a:99999',
      'turn:a?transport=sctp',
      'turn://a',
    ])
      expect(configure({ TURN_URLS: `turn:fine.example.org,${url}`, TURN_SECRET: secret }), url).to.match(
        /^TURN_URLS: (each is turn:HOST:PORT|a port is at most)/,
      );
    expect(configure({ TURN_URLS: 'turn:a', TURN_SECRET: 'too short' }))
      .to.equal('TURN_SECRET: at least 32 characters')
      .and.not.to.contain('too short');
  });
});
