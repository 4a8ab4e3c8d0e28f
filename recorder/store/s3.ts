import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { bytesOf, checkedParts, explained, sha256Of } from './body.ts';
import {
  type Body,
  type ByteRange,
  type ListedObject,
  type ObjectStore,
  StoreConflict,
  StoreUnavailable,
} from './object-store.ts';
import { probe } from './probe.ts';
import { explain, isConditionFailed, statusOf } from './s3-errors.ts';
import { uploadInParts } from './s3-multipart.ts';

/** Larger bodies are uploaded in parts of this size. */
const PART_BYTES = 16 * 2 ** 20;
const CONNECT_TIMEOUT_MS = 3_000;
const SILENCE_TIMEOUT_MS = 20_000;
const NOT_IMPLEMENTED = 501;

export interface S3Config {
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  connectTimeoutMs?: number;
  /** How long a connection may be silent. */
  silenceTimeoutMs?: number;
}

/** Objects in a bucket of any S3-compatible server. */
export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #config: S3Config;
  /** Versions were seen in the bucket. */
  #hasVersions = false;

  constructor(config: S3Config) {
    this.#config = config;
    this.#client = s3Client(config);
  }

  async put(key: string, body: Body, sha256Hex: string): Promise<'stored' | 'already-there'> {
    return this.#explained(key, async () => {
      try {
        if (bytesOf(body) > PART_BYTES) {
          // Not every server makes the completion of an upload in parts conditional; this look makes up for it, and
          // spares sending a large body twice.
          if ((await this.head(key)) !== null) return await this.#compare(key, body, sha256Hex);
          const intact = await uploadInParts(this.#client, this.#object(key), body, sha256Hex, PART_BYTES);
          // Another ETag than the parts' MD5s give: a server that encrypts has others, or these are not our parts.
          if (!intact) await this.#compare(key, body, sha256Hex);
        } else {
          await this.#putWhole(key, body, sha256Hex);
        }
        return 'stored';
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        return await this.#compare(key, body, sha256Hex);
      }
    });
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    return this.#explained(key, async () => {
      const Range = range === undefined ? undefined : `bytes=${range.start}-${range.end}`;
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#object(key), Range }));
        if (!(Body instanceof Readable)) throw new TypeError('the S3 client gave no stream');
        return explained(Body, error => explain(error, this.#config, key));
      } catch (error) {
        if (statusOf(error) === 416) return Readable.from([]);
        throw error;
      }
    });
  }

  async head(key: string): Promise<{ bytes: number } | null> {
    return this.#explained(key, async () => {
      try {
        const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#object(key)));
        return { bytes: ContentLength ?? 0 };
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
        // The answer to HEAD has no body to say so, but the bucket itself may be what is missing.
        await this.#client.send(new HeadBucketCommand({ Bucket: this.#config.bucket }));
        return null;
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#config.bucket, Prefix: prefix },
    );
    try {
      for await (const page of pages) {
        for (const { Key, Size } of page.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, bytes: Size ?? 0 };
        }
      }
    } catch (error) {
      throw explain(error, this.#config, prefix);
    }
  }

  async *traces(prefix: string): AsyncGenerator<string> {
    let newest = '';
    try {
      for await (const page of this.#versions(prefix)) {
        const keys = new Set(page.map(({ Key }) => Key));
        // The versions of one may go on in the next page.
        keys.delete(newest);
        yield* [...keys].sort();
        newest = page.at(-1)?.Key ?? newest;
      }
    } catch (error) {
      if (statusOf(error) !== NOT_IMPLEMENTED) throw explain(error, this.#config, prefix);
    }
    if (newest !== '') return;
    // Nothing, or it is a server that knows no versions.
    for await (const { key } of this.list(prefix)) yield key;
  }

  async delete(key: string): Promise<void> {
    await this.#explained(key, async () => {
      const { DeleteMarker, VersionId } = await this.#client.send(new DeleteObjectCommand(this.#object(key)));
      // Only a bucket that has versions, or had them, tells of one; and not every server can list them.
      this.#hasVersions ||= DeleteMarker === true || VersionId !== undefined;
      // Of what is below a mark already, Ceph tells nothing.
      if (this.#hasVersions) await this.#deleteVersions(key);
    });
  }

  check(): Promise<void> {
    return probe(this);
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #deleteVersions(key: string): Promise<void> {
    const { bucket: Bucket } = this.#config;
    for await (const page of this.#versions(key)) {
      // Longer keys begin with the same letters, and come later.
      const own = page.filter(({ Key }) => Key === key);
      for (const version of own) await this.#client.send(new DeleteObjectCommand({ Bucket, ...version }));
      if (own.length < page.length) return;
    }
  }

  /** Versions and marks of deletions, a page at a time, in the order of their keys. */
  async *#versions(Prefix: string): AsyncGenerator<{ Key: string; VersionId: string | undefined }[]> {
    const { bucket: Bucket } = this.#config;
    for (let after: { KeyMarker?: string; VersionIdMarker?: string } | null = {}; after !== null; ) {
      const page: ListObjectVersionsCommandOutput = await this.#client.send(
        new ListObjectVersionsCommand({ Bucket, Prefix, ...after }),
      );
      const { Versions = [], DeleteMarkers = [] } = page;
      this.#hasVersions ||=
        DeleteMarkers.length > 0 || Versions.some(({ VersionId }) => VersionId !== 'null');
      yield [...Versions, ...DeleteMarkers]
        .flatMap(({ Key, VersionId }) => (Key === undefined ? [] : { Key, VersionId }))
        .sort((a, b) => (a.Key < b.Key ? -1 : 1));
      const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
      after =
        IsTruncated === true && KeyMarker !== undefined ? { KeyMarker, ...given({ VersionIdMarker }) } : null;
    }
  }

  #object(key: string) {
    return { Bucket: this.#config.bucket, Key: key };
  }

  async #putWhole(key: string, body: Body, sha256Hex: string): Promise<void> {
    let bytes: Uint8Array = new Uint8Array();
    for await (const part of checkedParts(key, body, sha256Hex, PART_BYTES)) bytes = part;
    await this.#client.send(
      new PutObjectCommand({
        ...this.#object(key),
        Body: bytes,
        IfNoneMatch: '*',
        // Ceph ignores x-amz-checksum-sha256, and every server enforces this one.
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
      }),
    );
  }

  /** What it means that something has that name already. */
  async #compare(key: string, body: Body, sha256Hex: string): Promise<'already-there'> {
    const there = await this.head(key);
    if (there === null) throw new StoreUnavailable(`Another upload of ${key} is under way.`);
    if (there.bytes !== bytesOf(body)) throw new StoreConflict(key);
    if ((await sha256Of(await this.get(key))) !== sha256Hex) throw new StoreConflict(key);
    return 'already-there';
  }

  async #explained<T>(key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(error, this.#config, key);
    }
  }
}

/** The client of every request to the store, `cratersync storage init` included. */
export function s3Client(config: S3Config): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = config;
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // Checksums that we choose are sent; the SDK's own CRC32 trailers are refused by some servers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // One repetition, for a kept-alive connection that the server has just closed. Whoever calls knows when to wait.
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      socketTimeout: config.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS,
    },
  });
}

const given = (marker: { VersionIdMarker: string | undefined }) =>
  marker.VersionIdMarker === undefined ? {} : { VersionIdMarker: marker.VersionIdMarker };
