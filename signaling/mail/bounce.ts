import type { MessageIds } from './message-ids.ts';
import { cleaned, isAboutAddress } from './verdict.ts';

/** As much of a returned message is read: its report and the head of what came back stand far before that. */
export const MAX_BOUNCE_BYTES = 256 * 1024;
const MAX_ADDRESSES = 20;

export type Bounce =
  | { email: string; words: string }
  /** Nothing is to be noted, and why. */
  | { none: string };

/**
 * Reads a delivery status notification (RFC 3464), which anybody may have written. Its fields are ASCII and encoded in no way
 * (section 2.1), so they are looked for as they are. What it says of an address is believed only with the Message-ID of
 * something that we have sent to that address.
 */
export function readBounce(text: string, ids: MessageIds, now = new Date()): Bounce {
  // A long field goes on in lines that begin with a space.
  const fields = text.replace(/\r\n/g, '\n').replace(/\n[ \t]+/g, ' ');
  const all = (name: string) =>
    [...fields.matchAll(new RegExp(`^${name}:[ \\t]*([^\\n]{1,500})`, 'gim'))]
      .slice(0, MAX_ADDRESSES)
      .map(([, value]) => value ?? '');
  if (!all('Content-Type').some(value => /^message\/delivery-status\b/i.test(value)))
    return { none: 'it is no delivery status notification' };
  if (!all('Action').some(value => /^failed\b/i.test(value)))
    return { none: 'it does not tell of a failure' };
  const status = /^5[\d.]*/.exec(all('Status').find(value => value.startsWith('5.')) ?? '')?.[0] ?? '';
  if (!isAboutAddress(status)) return { none: `${status || 'its status'} is not about the address` };
  // A letter that was passed on comes back with the address at which it ended; ours is in what came back.
  const named = [...all('Original-Recipient'), ...all('Final-Recipient'), ...all('To')].map(addressIn);
  const [email] = ids.sentTo(text, named.slice(0, MAX_ADDRESSES), now);
  if (email === undefined) return { none: 'nothing in it was sent from here lately' };
  const [diagnosis = ''] = all('Diagnostic-Code');
  return { email, words: cleaned(diagnosis.replace(/^smtp;\s*/i, '')) || `status ${status}` };
}

const addressIn = (value: string): string =>
  (/[^\s<>;,]{1,64}@[^\s<>;,]{1,255}/.exec(value)?.[0] ?? '').toLowerCase();
