import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { createBucket, rawClient, s3Server } from '../../test/support/s3-server.ts';
import { initStore, openStore, type StoreConfig } from './index.ts';

describe('preparing a store', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cratersync-init-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const configOf = (access: Awaited<ReturnType<typeof s3Server>>, bucket: string): StoreConfig => ({
    DATA_DIR: directory,
    S3_ENDPOINT: access.endpoint,
    S3_REGION: access.region,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: access.accessKeyId,
    S3_SECRET_ACCESS_KEY: access.secretAccessKey,
  });
  const outcomes = async (config: StoreConfig, publicUrl = 'https://studio.example.org/x') =>
    (await initStore(config, publicUrl)).map(({ what, outcome }) => `${what} ${outcome}`);

  it('on S3 makes the bucket and its rules once, and finds them there the next time', async function () {
    this.timeout(120_000);
    const access = await s3Server();
    const Bucket = `prepared-${process.pid}`;
    const config = configOf(access, Bucket);
    expect(await outcomes(config)).to.deep.equal([
      'bucket made',
      'lifecycle made',
      'cors made',
      'probe tried',
    ]);
    const again = ['bucket there', 'lifecycle there', 'cors there', 'probe tried'];
    expect(await outcomes(config)).to.deep.equal(again);

    const client = rawClient(access);
    const lifecycle = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(lifecycle.Rules?.length).to.equal(1);
    expect(lifecycle.Rules?.[0]).to.deep.include({ Status: 'Enabled' });
    expect(lifecycle.Rules?.[0]?.AbortIncompleteMultipartUpload).to.deep.equal({ DaysAfterInitiation: 1 });
    expect(lifecycle.Rules?.[0]?.Expiration).to.equal(undefined);
    const cors = await client.send(new GetBucketCorsCommand({ Bucket }));
    expect(cors.CORSRules?.map(rule => rule.AllowedOrigins)).to.deep.equal([['https://studio.example.org']]);

    const preflight = await fetch(`${access.endpoint}/${Bucket}/recordings/x`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://studio.example.org', 'Access-Control-Request-Method': 'GET' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).to.equal('https://studio.example.org');
    client.destroy();
    const store = await openStore(config);
    expect(await Array.fromAsync(store.list(''))).to.deep.equal([]);
    await store.close();
  });

  it('leaves the rules of others, follows a new address, and objects to a rule that deletes', async () => {
    const access = await createBucket();
    const { bucket: Bucket } = access;
    const client = rawClient(access);
    const theirs = { AllowedOrigins: ['https://other.example'], AllowedMethods: ['GET'], ID: 'theirs' };
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [theirs] } }));
    const archive = { ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'x' } } as const;
    const setRule = (rule: object) =>
      client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: { Rules: [{ ...archive, ...rule }] },
        }),
      );
    await setRule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
    const config = configOf(access, Bucket);
    await outcomes(config, 'http://localhost:3000');
    expect((await outcomes(config, 'http://localhost:4000')).at(2)).to.equal('cors made');
    const cors = await client.send(new GetBucketCorsCommand({ Bucket }));
    const origins = cors.CORSRules?.flatMap(rule => rule.AllowedOrigins ?? []);
    expect(origins).to.have.members(['https://other.example', 'http://localhost:4000']);
    const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules?.map(rule => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation)).to.have.members([
      7, 1,
    ]);

    await setRule({ Expiration: { Days: 30 } });
    const lifecycle = (await initStore(config, 'http://localhost:4000'))[1];
    expect(lifecycle?.outcome).to.equal('wrong');
    expect(lifecycle?.detail).to.contain('would delete recordings').and.contain('theirs');
    client.destroy();
  });

  it('finds nothing set where a server says so with 204, and warns of one that replaces objects', async () => {
    // As Garage does, by its source. It knows no If-None-Match on what is written.
    const objects = new Map<string, Buffer>();
    const set: string[] = [];
    const server = createServer(async (request, response) => {
      const body = await buffer(request);
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://store');
      if (searchParams.has('versions') || searchParams.has('list-type')) {
        const isList = searchParams.has('list-type');
        response.writeHead(isList ? 200 : 501, { 'Content-Type': 'application/xml' });
        response.end(isList ? '<ListBucketResult/>' : '<Error><Code>NotImplemented</Code></Error>');
        return;
      }
      const rule = ['lifecycle', 'cors'].find(name => searchParams.has(name));
      if (request.method === 'PUT' && rule !== undefined) set.push(rule);
      else if (request.method === 'PUT') objects.set(pathname, body);
      const found = objects.get(pathname);
      const isThere = rule !== undefined || request.method !== 'GET' || found !== undefined;
      const none = request.method === 'DELETE' || (request.method === 'GET' && rule !== undefined);
      response.writeHead(isThere ? (none ? 204 : 200) : 404).end(none ? undefined : found);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const access = { endpoint, region: 'garage', accessKeyId: 'key', secretAccessKey: 'secret' };
    expect(await outcomes(configOf(access, 'recordings'))).to.deep.equal([
      'bucket there',
      'lifecycle made',
      'cors made',
      'probe wrong',
    ]);
    expect(set).to.deep.equal(['lifecycle', 'cors']);
    server.closeAllConnections();
    server.close();
  });

  it('with wrong credentials or no server ends with what to check', async () => {
    const config = configOf(await s3Server(), 'never-made');
    const failure = (change: Partial<StoreConfig>) =>
      initStore({ ...config, ...change }, 'http://localhost:3000').then(
        () => null,
        (error: unknown) => error,
      );
    expect(await failure({ S3_SECRET_ACCESS_KEY: 'wrong' })).to.have.property('code', 'store_unavailable');
    expect(await failure({ S3_ENDPOINT: 'http://store.invalid' }))
      .to.have.property('message')
      .that.contains('S3_ENDPOINT');
  });

  it('of files makes a directory that nobody else may read, and tries it', async () => {
    const config = { DATA_DIR: join(directory, 'new') };
    expect(await outcomes(config)).to.deep.equal(['directory made', 'probe tried']);
    expect(await outcomes(config)).to.deep.equal(['directory there', 'probe tried']);
    expect((await stat(join(directory, 'new', 'store'))).mode & 0o777).to.equal(0o700);
  });
});
