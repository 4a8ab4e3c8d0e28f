import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  type CORSRule,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Client, S3Error } from 'minio';
import { statIfPresent } from './durable-files.ts';
import { FilesystemStore } from './filesystem.ts';
import { type ObjectStore, StoreConflict, StoreUnavailable } from './object-store.ts';
import { type S3Config, S3Store, s3Client } from './s3.ts';
import { explain, reasonOf, statusOf } from './s3-errors.ts';

/** One thing that a store needs. `unsupported`: this server can't, and it works without; `wrong`: it does not. */
export interface InitStep {
  what: 'directory' | 'bucket' | 'lifecycle' | 'cors' | 'probe';
  outcome: 'made' | 'there' | 'tried' | 'unsupported' | 'wrong';
  detail: string;
}

const OUR_RULE = 'cratersync-abort-uploads';
const OUR_CORS = 'cratersync';

export async function initFilesystem(root: string): Promise<InitStep[]> {
  const there = (await statIfPresent(root).catch(() => null)) !== null;
  const store = await FilesystemStore.open(root);
  return [{ what: 'directory', outcome: there ? 'there' : 'made', detail: root }, await tryStore(store)];
}

/** @throws StoreUnavailable */
export async function initS3(config: S3Config, publicUrl: string): Promise<InitStep[]> {
  const store = new S3Store(config);
  try {
    return [
      await initBucket(config),
      await initLifecycle(config),
      await initCors(config, new URL(publicUrl).origin),
      await tryStore(store),
    ];
  } finally {
    await store.close();
  }
}

async function initBucket(config: S3Config): Promise<InitStep> {
  const { bucket, endpoint, region } = config;
  const detail = `${bucket} at ${endpoint}`;
  const client = s3Client(config);
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return { what: 'bucket', outcome: 'there', detail };
  } catch (error) {
    if (statusOf(error) !== 404) throw explain(error, config, '');
  } finally {
    client.destroy();
  }
  await explained(config, () => minioClient(config).makeBucket(bucket, region));
  return { what: 'bucket', outcome: 'made', detail };
}

/** Parts of uploads that nobody will end cost money for ever. Nothing else may expire: retention is not the bucket's. */
async function initLifecycle(config: S3Config): Promise<InitStep> {
  const { bucket } = config;
  const client = minioClient(config);
  const rules = await explained(config, () => lifecycleRules(client, config));
  const detail = 'uploads in parts that were given up are removed after a day';
  const expiring = rules.filter(rule => 'Expiration' in rule || 'NoncurrentVersionExpiration' in rule);
  if (expiring.length > 0) {
    const names = expiring.map(rule => `“${rule['ID'] ?? ''}”`).join(', ');
    return {
      what: 'lifecycle',
      outcome: 'wrong',
      detail: `the bucket has rules that let objects expire: ${names}. They would delete recordings; remove them`,
    };
  }
  if (rules.some(rule => rule['ID'] === OUR_RULE)) return { what: 'lifecycle', outcome: 'there', detail };
  const rule = {
    ID: OUR_RULE,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  };
  try {
    await client.setBucketLifecycle(bucket, { Rule: [...rules, rule] as (typeof rule)[] });
    return { what: 'lifecycle', outcome: 'made', detail };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    // MinIO, for one, has no such rule: it removes what was given up after a day by itself.
    return {
      what: 'lifecycle',
      outcome: 'unsupported',
      detail: `this server has no rule for given-up uploads (${error.code}); see what it does about them`,
    };
  }
}

async function lifecycleRules(client: Client, config: S3Config): Promise<Record<string, unknown>[]> {
  try {
    const found: unknown = (await client.getBucketLifecycle(config.bucket))?.Rule ?? [];
    return (Array.isArray(found) ? found : [found]) as Record<string, unknown>[];
  } catch (error) {
    // Garage says so with 204, which this client takes for a failure.
    if (error instanceof S3Error && (isNothingSet(error.code) || (await hasNoLifecycle(config)))) return [];
    throw error;
  }
}

async function hasNoLifecycle(config: S3Config): Promise<boolean> {
  const client = s3Client(config);
  try {
    const asked = new GetBucketLifecycleConfigurationCommand({ Bucket: config.bucket });
    return ((await client.send(asked)).Rules ?? []).length === 0;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

/** Browsers may read what they are given a link to, from our own pages only. */
async function initCors(config: S3Config, origin: string): Promise<InitStep> {
  const client = s3Client(config);
  const Bucket = config.bucket;
  const detail = `browsers may read from ${origin}`;
  const rule: CORSRule = {
    ID: OUR_CORS,
    AllowedOrigins: [origin],
    AllowedMethods: ['GET', 'HEAD'],
    AllowedHeaders: ['*'],
    ExposeHeaders: ['Accept-Ranges', 'Content-Length', 'Content-Range', 'ETag'],
    MaxAgeSeconds: 3600,
  };
  try {
    const rules = await corsRules(client, Bucket);
    const ours = rules.find(({ ID }) => ID === OUR_CORS);
    if (ours?.AllowedOrigins?.join() === origin) return { what: 'cors', outcome: 'there', detail };
    const CORSRules = [...rules.filter(({ ID }) => ID !== OUR_CORS), rule];
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    return { what: 'cors', outcome: 'made', detail };
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw explain(error, config, '');
    if (error.name !== 'NotImplemented') throw explain(error, config, '');
    return {
      what: 'cors',
      outcome: 'unsupported',
      detail: 'this server sets that for all its buckets at once, in its own configuration',
    };
  } finally {
    client.destroy();
  }
}

async function corsRules(client: ReturnType<typeof s3Client>, Bucket: string): Promise<CORSRule[]> {
  try {
    return (await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules ?? [];
  } catch (error) {
    if (error instanceof S3ServiceException && isNothingSet(error.name)) return [];
    throw error;
  }
}

/** What servers say when there is no such configuration yet. */
const isNothingSet = (code: string | undefined) =>
  code === 'NoSuchLifecycleConfiguration' || code === 'NoSuchCORSConfiguration';

/** Writes, reads, and finds out whether the store keeps what it has: some servers take no notice of `If-None-Match`. */
async function tryStore(store: ObjectStore): Promise<InitStep> {
  await store.check();
  const key = `probes/${randomUUID()}`;
  const put = (bytes: Buffer) => store.put(key, bytes, createHash('sha256').update(bytes).digest('hex'));
  await put(randomBytes(64));
  try {
    await put(randomBytes(64));
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    const detail = 'wrote, read back and deleted an object; another under the same key was refused';
    return { what: 'probe', outcome: 'tried', detail };
  } finally {
    await store.delete(key);
    await expectNoTrace(store, key);
  }
  return {
    what: 'probe',
    outcome: 'wrong',
    detail:
      'this store replaces an object although told not to (If-None-Match: *), and so might lose one. ' +
      'Use one that refuses: AWS S3, MinIO, Ceph 16 or newer',
  };
}

/** As an erasure looks for what it has deleted. @throws StoreUnavailable */
async function expectNoTrace(store: ObjectStore, key: string): Promise<void> {
  for await (const left of store.traces(key))
    throw new StoreUnavailable(
      `Something of ${left} is left after it was deleted. Let us list and delete versions, too: s3:ListBucketVersions, s3:DeleteObjectVersion.`,
    );
}

function minioClient({ endpoint, region, accessKeyId, secretAccessKey }: S3Config): Client {
  const { protocol, hostname, port } = new URL(endpoint);
  return new Client({
    endPoint: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    useSSL: protocol === 'https:',
    pathStyle: true,
    region,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    // Whoever calls tries again; its own retries are written to the console.
    retryOptions: { disableRetry: true },
  });
}

async function explained<T>(config: S3Config, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof S3Error)
      throw new StoreUnavailable(reasonOf(error.code ?? error.name, 0, config), error);
    throw explain(error, config, '');
  }
}
