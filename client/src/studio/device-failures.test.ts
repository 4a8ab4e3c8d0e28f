import { expect } from 'chai';
import { describeFailure, failureOf } from './device-failures.ts';
import { type BrowserKind, browserKind } from './this-browser.ts';

const agents: Record<string, [agent: string, kind: BrowserKind]> = {
  Chrome: [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    'chromium',
  ],
  Edge: [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
    'chromium',
  ],
  Firefox: ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'firefox'],
  Safari: [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    'safari',
  ],
  'Safari on a phone': [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'safari-ios',
  ],
  'Chrome on an iPhone': [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1',
    'other-ios',
  ],
  'Chrome on Android': [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
    'chromium-android',
  ],
  'Firefox on Android': [
    'Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0',
    'firefox-android',
  ],
};

describe('devices that fail', () => {
  it('are told apart by what the browser says', () => {
    const of = (name: string, message = '') => failureOf(new DOMException(message, name));
    expect(of('NotAllowedError', 'Permission denied')).to.equal('denied');
    expect(of('NotAllowedError', 'Permission dismissed')).to.equal('dismissed');
    expect(of('NotAllowedError', 'Permission denied by system')).to.equal('denied-by-system');
    expect(of('NotFoundError')).to.equal('missing');
    expect(of('NotReadableError')).to.equal('busy');
    expect(of('SecurityError')).to.equal('insecure');
    expect(of('SomethingNew')).to.equal('other');
  });

  it('are described plainly, with what to do', () => {
    const told = (['denied', 'missing', 'busy', 'insecure', 'unplugged'] as const).map(failure =>
      describeFailure('microphone', failure, 'chromium'),
    );
    expect(told.map(({ title }) => title)).to.deep.equal([
      'Microphone not allowed',
      'No microphone found',
      'Microphone is busy',
      'Microphone not available on this address',
      'Microphone was unplugged',
    ]);
    expect(describeFailure('camera', 'denied', 'chromium').advice).to.match(
      /left of .* address, allow the camera/,
    );
    expect(describeFailure('camera', 'insecure', 'chromium').advice).to.match(/https:/);
    expect(describeFailure('camera', 'other', 'chromium').advice).to.match(/restart the browser/);
  });

  for (const [name, [agent, kind]] of Object.entries(agents))
    it(`say where ${name} gives permission`, () => {
      expect(browserKind(agent, 0)).to.equal(kind);
    });

  it('take an iPad for what it is, though it says that it is a Mac', () => {
    expect(browserKind(agents['Safari']?.[0], 5)).to.equal('safari-ios');
  });

  it('have other words in each kind of browser', () => {
    const kinds = [...new Set(Object.values(agents).map(([, kind]) => kind))];
    const advices = kinds.map(kind => describeFailure('both', 'denied', kind).advice);
    expect(new Set(advices).size).to.equal(kinds.length);
  });
});
