import { S3ServiceException } from '@aws-sdk/client-s3';
import { ObjectMissing, StoreUnavailable } from './object-store.ts';
import type { S3Config } from './s3.ts';

export const statusOf = (error: unknown) =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** 412: the object is there. 409: another upload of it is under way, or has just ended. */
export const isConditionFailed = (error: unknown) =>
  error instanceof S3ServiceException &&
  (error.name === 'PreconditionFailed' ||
    error.name === 'ConditionalRequestConflict' ||
    error.$metadata.httpStatusCode === 412);

/** Turns what the S3 client throws into the errors of ObjectStore. What it does not know is returned as it is. */
export function explain(error: unknown, config: S3Config, key: string): unknown {
  const { endpoint } = config;
  if (error instanceof S3ServiceException) {
    if (error.name === 'NoSuchKey') return new ObjectMissing(key);
    return new StoreUnavailable(reasonOf(error.name, statusOf(error) ?? 0, config), error);
  }
  if (isNetworkError(error)) {
    return new StoreUnavailable(
      `The object store at ${endpoint} ${whyUnreachable(error)}. Check S3_ENDPOINT, and that the store is up.`,
      error,
    );
  }
  // Some web server, but its answer is not XML of S3's.
  if (error instanceof Error && '$response' in error) {
    return new StoreUnavailable(
      `What listens at ${endpoint} does not answer as an S3 store does. Check S3_ENDPOINT.`,
      error,
    );
  }
  return error;
}

/** A name where the answer had a body; the answer to a HEAD has none, and leaves the status. */
export function reasonOf(code: string, status: number, { endpoint, bucket }: S3Config): string {
  const store = `The object store at ${endpoint}`;
  switch (code) {
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return `${store} does not know us. Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`;
    case 'RequestTimeTooSkewed':
      return `${store} has another time than this machine. Set the clock of both (NTP).`;
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'IllegalLocationConstraintException':
      return `${store} keeps bucket “${bucket}” in another region. Set S3_REGION.`;
    case 'AccessDenied':
      return `${store} does not let us use bucket “${bucket}”. Check its policy.`;
    case 'QuotaExceeded':
    case 'XMinioStorageFull':
    case 'InsufficientStorage':
      return `${store} is full. Make room in it, or raise its quota.`;
    case 'SlowDown':
    case 'ServiceUnavailable':
    case 'InternalError':
      return overloaded(store, status);
    case 'NoSuchBucket':
      return noBucket(store, bucket);
  }
  if (status === 403)
    return `${store} refuses us. Check S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and the policy of “${bucket}”.`;
  if (status === 404) return noBucket(store, bucket);
  if (status === 507) return `${store} is full. Make room in it, or raise its quota.`;
  if (status >= 500) return overloaded(store, status);
  return `${store} answered ${code} (${status}).`;
}

const noBucket = (store: string, bucket: string) =>
  `${store} has no bucket “${bucket}”. Make it with npx cratersync storage init, or set S3_BUCKET.`;

const overloaded = (store: string, status: number) =>
  `${store} is overloaded or not well (${status}). Look at it; what waits is sent again.`;

interface NetworkError extends Error {
  code?: string;
}

/** Node's socket errors have a code; the client's own time-outs a name. */
const isNetworkError = (error: unknown): error is NetworkError =>
  error instanceof Error &&
  (error.name === 'TimeoutError' || ('code' in error && /^E[A-Z_]+$/.test(`${error.code}`)));

function whyUnreachable(error: NetworkError): string {
  switch (error.code ?? error.name) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'can’t be found: there is no such host';
    case 'ETIMEDOUT':
    case 'TimeoutError':
      return 'does not answer in time';
    default:
      return `can’t be reached (${error.code ?? error.name})`;
  }
}
