import { S3ServiceException } from '@aws-sdk/client-s3';
import { ObjectMissing, StoreUnavailable } from './object-store.ts';
import type { S3Config } from './s3.ts';

export const statusOf = (error: unknown) =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** 412: the object is there. 409: another upload of it is under way, or has just ended. */
export const isConditionFailed = (error: unknown) =>
  error instanceof S3ServiceException &&
  (error.name === 'PreconditionFailed' || error.name === 'ConditionalRequestConflict');

/** Turns what the S3 client throws into the errors of ObjectStore. What it does not know is returned as it is. */
export function explain(error: unknown, { endpoint, bucket }: S3Config, key: string): unknown {
  if (error instanceof S3ServiceException) {
    if (error.name === 'NoSuchKey') return new ObjectMissing(key);
    return new StoreUnavailable(reasonOf(error, endpoint, bucket), error);
  }
  if (isNetworkError(error)) {
    const detail = error.code ?? error.name;
    return new StoreUnavailable(`The object store at ${endpoint} can't be reached (${detail}).`, error);
  }
  return error;
}

function reasonOf(error: S3ServiceException, endpoint: string, bucket: string): string {
  switch (error.name) {
    case 'NoSuchBucket':
      return `The object store at ${endpoint} has no bucket “${bucket}”. Create it, or set S3_BUCKET.`;
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return `The object store at ${endpoint} does not know us. Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`;
    case 'AccessDenied':
      return `The object store at ${endpoint} does not let us use bucket “${bucket}”. Check its policy.`;
    case 'QuotaExceeded':
    case 'XMinioStorageFull':
    case 'InsufficientStorage':
      return `The object store at ${endpoint} is full. Make room in it, or raise its quota.`;
    default:
      return `The object store at ${endpoint} answered ${error.name} (${error.$metadata.httpStatusCode}).`;
  }
}

/** Node's socket errors have a code; the client's own time-outs a name. */
const isNetworkError = (error: unknown): error is Error & { code?: string } =>
  error instanceof Error &&
  (error.name === 'TimeoutError' || ('code' in error && /^E[A-Z_]+$/.test(`${error.code}`)));
