import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { AppError } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { createBucket, rawClient, type TestBucket } from '../../test/support/s3-server.ts';
import { TcpProxy } from '../../test/support/tcp-proxy.ts';
import { BodyDamaged } from './object-store.ts';
import { type S3Config, S3Store } from './s3.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the S3 store', () => {
  let bucket: TestBucket;
  const closing: (() => unknown)[] = [];

  before(async function () {
    this.timeout(120_000);
    bucket = await createBucket();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function open(config: Partial<S3Config> = {}): S3Store {
    const store = new S3Store({ ...bucket, ...config });
    closing.push(() => store.close());
    return store;
  }

  async function serve(listener: RequestListener): Promise<string> {
    const server: Server = createServer(listener).listen(0, '127.0.0.1');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  const raw = () => {
    const client = rawClient(bucket);
    closing.push(() => client.destroy());
    return client;
  };

  /** Every method has to say the same, and that another try is worth it. */
  async function expectEverywhere(store: S3Store, message: string): Promise<void> {
    const bytes = Buffer.from('abc');
    const calls = [
      () => store.put('a', bytes, sha256(bytes)),
      () => store.get('a'),
      () => store.head('a'),
      () => Array.fromAsync(store.list('')),
      () => Array.fromAsync(store.traces('')),
      () => store.delete('a'),
      () => store.check(),
    ];
    for (const call of calls) {
      const error = await call().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error, String(call)).to.be.instanceOf(AppError);
      expect(error, String(call)).to.deep.include({ code: 'store_unavailable', retryable: true });
      expect(error, String(call)).to.have.property('message').that.contains(message);
    }
  }

  it('with wrong credentials says which variables to check', async () => {
    await expectEverywhere(open({ secretAccessKey: 'wrong' }), 'S3_SECRET_ACCESS_KEY');
    await expectEverywhere(open({ accessKeyId: 'nobody' }), 'S3_ACCESS_KEY_ID');
  });

  it('with a missing bucket says how to make it', async () => {
    await expectEverywhere(open({ bucket: 'no-such-bucket' }), 'cratersync storage init');
  });

  it('with an unreachable or wrong endpoint says so', async () => {
    const free = await serve(() => {});
    await closing.pop()?.();
    await expectEverywhere(open({ endpoint: free }), 'Check S3_ENDPOINT');
    await expectEverywhere(open({ endpoint: 'http://store.invalid' }), 'there is no such host');
    const website = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><p>Hello <br> there');
    });
    const error = await Array.fromAsync(open({ endpoint: website }).list('')).catch((e: unknown) => e);
    expect(error).to.have.property('message').that.contains('does not answer as an S3 store does');
  });

  it('that does not answer is given up after its time-out', async () => {
    const silent = await serve(() => {});
    await expectEverywhere(open({ endpoint: silent, silenceTimeoutMs: 50 }), 'does not answer in time');
  });

  it('that is overloaded says so, and works again when it is not', async () => {
    const errorBody = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>slower</Message></Error>';
    const busy = await serve((request, response) => {
      request.resume();
      response.writeHead(503, { 'Content-Type': 'application/xml' });
      response.end(request.method === 'HEAD' ? undefined : errorBody);
    });
    await expectEverywhere(open({ endpoint: busy }), 'overloaded');
    await open().check();
  });

  it('whose acknowledgement is lost ends with one object, and says that it is there', async () => {
    const proxy = await TcpProxy.open(bucket.endpoint);
    closing.push(() => proxy.close());
    const store = open({ endpoint: proxy.url });
    const bytes = randomBytes(10_000);
    let lost = 0;
    proxy.onAnswer = () => {
      lost += 1;
      return lost === 1 ? 'cut' : 'pass';
    };
    // The client's own repetition finds what the first request stored.
    expect(await store.put('lost/once', bytes, sha256(bytes))).to.equal('already-there');
    proxy.onAnswer = () => 'cut';
    const error = await store.put('lost/for-ever', bytes, sha256(bytes)).catch((e: unknown) => e);
    expect(error).to.have.property('code', 'store_unavailable');
    proxy.onAnswer = () => 'pass';
    expect(await store.put('lost/for-ever', bytes, sha256(bytes))).to.equal('already-there');
    const listed = await Array.fromAsync(store.list('lost/'));
    expect(listed.map(({ key }) => key)).to.deep.equal(['lost/for-ever', 'lost/once']);
    for (const { key } of listed)
      expect((await buffer(await store.get(key))).equals(bytes), key).to.equal(true);
  });

  it('whose acknowledgement of a large upload is lost at any step ends with one object', async function () {
    this.timeout(120_000);
    const proxy = await TcpProxy.open(bucket.endpoint);
    closing.push(() => proxy.close());
    const bytes = randomBytes(17 * 2 ** 20);
    // HEAD of the object, HEAD of the bucket, begin, two parts, complete, HEAD: each answer in turn.
    for (let step = 1; step <= 7; step += 1) {
      const store = open({ endpoint: proxy.url });
      let answers = 0;
      proxy.onAnswer = () => {
        answers += 1;
        return answers === step ? 'cut' : 'pass';
      };
      const key = `lost-large/${step}`;
      await store.put(key, bytes, sha256(bytes)).catch((error: unknown) => {
        expect(error).to.have.property('code', 'store_unavailable');
        return store.put(key, bytes, sha256(bytes));
      });
      expect(sha256(await buffer(await open().get(key))), key).to.equal(sha256(bytes));
    }
    expect((await Array.fromAsync(open().list('lost-large/'))).length).to.equal(7);
  });

  it('keeps no parts of a large upload that failed', async function () {
    this.timeout(120_000);
    const store = open();
    const path = join(await mkdtemp(join(tmpdir(), 'cratersync-s3-')), 'large');
    const bytes = 33 * 2 ** 20;
    await writeFile(path, randomBytes(bytes));
    const wrong = sha256(randomBytes(1));
    const error = await store.put('aborted/one', { path, bytes }, wrong).catch((e: unknown) => e);
    await rm(dirname(path), { recursive: true });
    expect(error).to.be.instanceOf(BodyDamaged);
    const { Uploads = [] } = await raw().send(
      new ListMultipartUploadsCommand({ Bucket: bucket.bucket, Prefix: 'aborted/' }),
    );
    expect(Uploads).to.deep.equal([]);
    expect(await store.head('aborted/one')).to.equal(null);
  });

  it('refuses bytes that were changed on the way', async () => {
    const ContentMD5 = createHash('md5').update('right').digest('base64');
    const put = new PutObjectCommand({ Bucket: bucket.bucket, Key: 'wrong', Body: 'wrong', ContentMD5 });
    const error = await raw()
      .send(put)
      .catch((e: unknown) => e);
    expect(error).to.have.property('name', 'BadDigest');
    expect(await open().head('wrong')).to.equal(null);
  });

  it('in a versioned bucket deletes every version, of that object alone', async () => {
    const versioned = await createBucket();
    const Bucket = versioned.bucket;
    const client = raw();
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    for (let version = 0; version < 5; version += 1)
      for (const Key of ['erased', 'erased-not'])
        await client.send(new PutObjectCommand({ Bucket, Key, Body: `version ${version}` }));
    const store = open(versioned);
    await store.delete('erased');
    await store.delete('erased');
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    expect(Versions.map(({ Key }) => Key)).to.deep.equal(Array.from({ length: 5 }, () => 'erased-not'));
    expect(DeleteMarkers).to.deep.equal([]);
  });

  it('shows of what anything is left, though it be a version below a mark', async () => {
    const versioned = await createBucket();
    const Bucket = versioned.bucket;
    const client = raw();
    const store = open(versioned);
    const traces = () => Array.fromAsync(store.traces('x/'));
    await store.put('x/a', Buffer.from('a'), sha256(Buffer.from('a')));
    await store.put('y', Buffer.from('a'), sha256(Buffer.from('a')));
    expect(await traces()).to.deep.equal(['x/a']);
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    for (const Key of ['x/a', 'x/b', 'x/b', 'x/c'])
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'newer' }));
    for (const Key of ['x/a', 'x/c', 'x/d']) await client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect((await Array.fromAsync(store.list('x/'))).map(({ key }) => key)).to.deep.equal(['x/b']);
    expect(await traces()).to.deep.equal(['x/a', 'x/b', 'x/c', 'x/d']);
    for (const key of await traces()) await store.delete(key);
    expect(await traces()).to.deep.equal([]);
  });

  it('where a server cannot list versions, goes by what it lists', async () => {
    const listing = '<ListBucketResult><Contents><Key>x/a</Key><Size>1</Size></Contents></ListBucketResult>';
    for (const status of [501, 200]) {
      const server = await serve((request, response) => {
        const isVersions = /[?&]versions/.test(request.url ?? '');
        response.writeHead(isVersions ? status : 200, { 'Content-Type': 'application/xml' });
        response.end(isVersions && status === 501 ? '<Error><Code>NotImplemented</Code></Error>' : listing);
      });
      const store = open({ endpoint: server });
      expect(await Array.fromAsync(store.traces('x/')), `${status}`).to.deep.equal(['x/a']);
    }
  });
});
