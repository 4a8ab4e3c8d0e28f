import type { Request } from 'express';

/** The European Economic Area with its outermost regions, the United Kingdom with its islands and Gibraltar, Switzerland. */
const asked = new Set(
  [
    'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO',
    'AX GF GP MF MQ RE YT',
    'GB GG GI IM JE CH',
  ].flatMap(line => line.split(' ')),
);
/** What proxies write where they do not know: Cloudflare's and others'. */
const nowhere = new Set(['XX', 'ZZ', 'T1', 'EU', 'AP', 'A1', 'A2']);

/**
 * Whether somebody has to say yes before visits are counted: there, and wherever we do not know where they are.
 * @param header in which a proxy that is ours says the country; from anybody else it says nothing
 */
export function needsConsent(request: Request, header: string | undefined): boolean {
  if (header === undefined || !isFromProxy(request)) return true;
  const country = request.get(header)?.trim().toUpperCase() ?? '';
  return !/^[A-Z]{2}$/.test(country) || nowhere.has(country) || asked.has(country);
}

function isFromProxy(request: Request): boolean {
  const trusts: unknown = request.app.get('trust proxy fn');
  return typeof trusts === 'function' && trusts(request.socket.remoteAddress, 0) === true;
}
