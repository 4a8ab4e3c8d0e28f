import { isIP } from 'node:net';
import { isPublicAddress } from '@cratersync/infra/runtime';
import { errors } from '../protocol/index.ts';

/**
 * What can be told of a webhook's address before anything is sent there. Where its name leads to is looked at each
 * time that something is sent.
 * @returns the address as it is kept
 * @throws `bad_request`
 */
export function webhookTarget(text: string, { allowPrivate }: { allowPrivate: boolean }): string {
  const url = new URL(text);
  const refused = (why: string) => errors.badRequest(`url: ${why}`);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    throw refused('it has to begin with https://');
  if (url.username !== '' || url.password !== '')
    throw refused('leave user name and password out; what is sent is signed');
  url.hash = '';
  if (allowPrivate) return url.href;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isLocalName = /(^|\.)(localhost|local|internal|home\.arpa)$/.test(host) || !/[.:]/.test(host);
  if (isIP(host) === 0 ? isLocalName : !isPublicAddress(host))
    throw refused('it has to be in the internet, not on this network');
  return url.href;
}
