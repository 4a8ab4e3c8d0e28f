import { expect } from 'chai';
import { upright } from './upright.ts';

describe('pictures of a phone that is held sideways', () => {
  it('are turned by the browser, as it is not offered to say only that they are to be turned', () => {
    const codecs = [{ mimeType: 'video/VP8' }];
    const time = { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time', preferredId: 13 };
    const headerExtensions = [{ uri: 'urn:3gpp:video-orientation', preferredId: 11 }, time];
    const all = { codecs, headerExtensions };
    expect(upright(all)).to.deep.equal({ codecs, headerExtensions: [time] });
    const none: typeof all | { codecs: typeof codecs; headerExtensions?: undefined } = { codecs };
    expect(upright(none)).to.deep.equal({ codecs });
  });
});
