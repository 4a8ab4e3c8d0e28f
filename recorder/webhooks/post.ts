import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '@cratersync/infra/runtime';

const TIMEOUT_MS = 15_000;
/** Of an answer, so much is kept, and no more is read. */
const ANSWER_BYTES = 500;

/** Why nothing was answered, in words for the delivery log. */
export class PostError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PostError';
  }
}

export interface Address {
  address: string;
  family: number;
}

export interface PostOptions {
  /** Addresses of this machine's own networks are good, too. */
  allowPrivate: boolean;
  /** All addresses of a name. */
  resolve?: (host: string) => Promise<Address[]>;
  timeoutMs?: number;
  /** Gives it up. */
  signal?: AbortSignal;
}

/**
 * Sends one POST to where strangers want it. The name is resolved once, every address that it has is looked at, and the
 * connection goes to exactly the one that was looked at: a name server that answers differently the second time is not
 * asked twice. Redirects are answers like others. All of it takes 15 s at most.
 * @throws PostError when there was no answer
 */
export async function post(
  url: URL,
  request: { headers: Record<string, string>; body: string },
  options: PostOptions,
): Promise<{ status: number; answer: string }> {
  const { timeoutMs = TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const target = await aborted(addressOf(url, options), signal);
    return await send(url, target, request, signal);
  } catch (error) {
    if (timeout.aborted) throw new PostError(`No answer within ${timeoutMs / 1000} s`, error);
    if (error instanceof PostError) throw error;
    throw new PostError(inWords(error), error);
  }
}

async function addressOf(url: URL, { allowPrivate, resolve = everyAddress }: PostOptions): Promise<Address> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(host) === 0 ? await resolve(host) : [{ address: host, family: isIP(host) }];
  const [first] = found;
  if (first === undefined) throw new PostError(`The name ${host} has no address`);
  // One that is not public is reason enough: it depends on chance which one is taken.
  const wrong = allowPrivate ? undefined : found.find(({ address }) => !isPublicAddress(address));
  if (wrong !== undefined)
    throw new PostError(`${host} leads to ${wrong.address}, which is not in the internet`);
  return first;
}

const everyAddress = (host: string): Promise<Address[]> => lookup(host, { all: true });

function send(
  url: URL,
  { address, family }: Address,
  { headers, body }: { headers: Record<string, string>; body: string },
  signal: AbortSignal,
): Promise<{ status: number; answer: string }> {
  const pinned: LookupFunction = (_host, { all }, done) =>
    all === true ? done(null, [{ address, family }]) : done(null, address, family);
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': bytes.length },
      lookup: pinned,
      // A connection of its own, by none of the environment's proxies.
      agent: false,
      signal,
    });
    request.on('error', reject);
    request.on('response', response => {
      response.on('error', reject);
      beginningOf(response, ANSWER_BYTES).then(answer => {
        request.destroy();
        resolve({ status: response.statusCode ?? 0, answer });
      }, reject);
    });
    request.end(bytes);
  });
}

async function beginningOf(response: http.IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response) {
    parts.push(part);
    length += part.length;
    if (length >= most) break;
  }
  // Not every byte can stand in the database's text.
  return Buffer.concat(parts).subarray(0, most).toString().replaceAll('\0', '�');
}

const aborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  ]);

function inWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name was not found';
    case 'ECONNREFUSED':
      return 'The connection was refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'The connection broke before there was an answer';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'It cannot be reached';
    default:
      // Such as what is wrong with a certificate, or with an answer that is not HTTP.
      return `No answer: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
  }
}
