import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What our pages use of a device; everything else is off. */
const used = [
  'autoplay',
  'camera',
  'clipboard-write',
  'display-capture',
  'fullscreen',
  'microphone',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
];
const unused = [
  'accelerometer',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'magnetometer',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
];
const off = (features: string[]) => features.map(feature => `${feature}=()`);

/** Of pages on which nobody talks: no device at all. */
export const noDevices = off([...used, ...unused]).join(', ');
const ownDevices = [...used.map(feature => `${feature}=(self)`), ...off(unused)].join(', ');

/** What every answer tells the browser to be careful with. */
export function securityHeaders(publicUrl: string): RequestHandler {
  const { protocol, host } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const careful = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Firefox and older Safari do not count WebSockets as 'self'.
        connectSrc: ["'self'", `${secure ? 'wss' : 'ws'}://${host}`],
        mediaSrc: ["'self'", 'blob:', 'mediastream:'],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  return (request, response, next) => {
    response.set('Permissions-Policy', ownDevices);
    careful(request, response, next);
  };
}

/**
 * The policy of a public page: what the page itself names by its nonce, and nothing else.
 * @param countsVisits Google's script may be loaded by ours, and tell Google
 */
export function publicPagePolicy(nonce: string, countsVisits: boolean): string {
  const google = ['https://*.google-analytics.com', 'https://www.googletagmanager.com'];
  return [
    `default-src 'none'`,
    `style-src 'nonce-${nonce}'`,
    countsVisits ? `script-src 'nonce-${nonce}' 'strict-dynamic'` : `script-src 'none'`,
    ['img-src', `'self'`, ...(countsVisits ? google : [])].join(' '),
    ...(countsVisits ? [`connect-src ${google.join(' ')} https://*.analytics.google.com`] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
