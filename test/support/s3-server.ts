import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePorts } from './free-port.ts';

/** What S3Store is opened with. */
export interface TestBucket {
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Another server than Ceph to run the tests against, which somebody has started. */
const {
  TEST_S3_ENDPOINT: given,
  TEST_S3_REGION: region = 'us-east-1',
  TEST_S3_ACCESS_KEY_ID: accessKeyId = 'test-access-key',
  TEST_S3_SECRET_ACCESS_KEY: secretAccessKey = 'test-secret-key',
} = process.env;
const credentials = { accessKeyId, secretAccessKey };
let server: Promise<{ process: ChildProcess; endpoint: string }> | undefined;
let buckets = 0;

// At the root of the run. The script ends, and removes what it made, when its standard input does: so also when this
// process is killed.
after(async () => {
  const started = await server?.catch(() => undefined);
  if (started === undefined) return;
  started.process.stdin?.end();
  if (started.process.exitCode === null) await once(started.process, 'exit');
});

async function start() {
  const [s3Port, monPort] = await freePorts(2);
  const script = join(import.meta.dirname, 'ceph-s3.sh');
  const process = spawn(script, [`${s3Port}`, `${monPort}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: process.stdout }))
    if (line === 'ready') return { process, endpoint: `http://127.0.0.1:${s3Port}` };
  throw new Error('the S3 server for tests did not start; it has said why');
}

/** One real S3 server for all suites of a mocha run; takes some seconds the first time. */
export async function s3Server(): Promise<Omit<TestBucket, 'bucket'>> {
  if (given !== undefined) return { endpoint: given, region, ...credentials };
  server ??= start();
  const { endpoint } = await server;
  return { endpoint, region, ...credentials };
}

/** An empty bucket of a test's own. */
export async function createBucket(): Promise<TestBucket> {
  const access = await s3Server();
  buckets += 1;
  const bucket = `test-${process.pid}-${buckets}`;
  const client = rawClient(access);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return { ...access, bucket };
}

/** To look behind the scenes. */
export function rawClient({ endpoint }: { endpoint: string }): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
