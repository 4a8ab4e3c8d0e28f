import { join } from 'node:path';
import { ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';
import { FilesystemStore } from './filesystem.ts';
import { type InitStep, initFilesystem, initS3 } from './init.ts';
import type { ObjectStore } from './object-store.ts';
import { type S3Config, S3Store } from './s3.ts';

export type { InitStep } from './init.ts';
export {
  BodyDamaged,
  type ListedObject,
  ObjectMissing,
  type ObjectStore,
  StoreConflict,
  StoreUnavailable,
} from './object-store.ts';

/** The environment of a process that uses the store: all of S3_* or none, which means files under DATA_DIR. */
export const storeShape = {
  DATA_DIR: z.string().default('./.data').describe('everything that is stored on this machine'),
  S3_ENDPOINT: z
    .url()
    .optional()
    .meta({ description: 'the object store; all of S3_* or none', shown: 'files in `DATA_DIR/store`' }),
  S3_REGION: z.string().optional().describe('its region'),
  S3_BUCKET: z.string().optional().describe('its bucket: `cratersync storage init` makes it'),
  S3_ACCESS_KEY_ID: z.string().optional().describe('who we are there'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('and the secret'),
};
export type StoreConfig = z.output<z.ZodObject<typeof storeShape>>;

/** @throws ConfigError when only some of S3_* are set; StoreUnavailable when the directory can't be used */
export async function openStore(config: StoreConfig): Promise<ObjectStore> {
  const s3 = s3ConfigOf(config);
  return s3 === null ? FilesystemStore.open(directoryOf(config)) : new S3Store(s3);
}

/**
 * Makes what the store needs, and leaves what is there; then tries it.
 * @param publicUrl where browsers reach us
 * @throws as openStore does
 */
export async function initStore(config: StoreConfig, publicUrl: string): Promise<InitStep[]> {
  const s3 = s3ConfigOf(config);
  return s3 === null ? initFilesystem(directoryOf(config)) : initS3(s3, publicUrl);
}

const directoryOf = (config: StoreConfig) => join(config.DATA_DIR, 'store');

function s3ConfigOf(config: StoreConfig): S3Config | null {
  const s3 = {
    endpoint: config.S3_ENDPOINT,
    region: config.S3_REGION,
    bucket: config.S3_BUCKET,
    accessKeyId: config.S3_ACCESS_KEY_ID,
    secretAccessKey: config.S3_SECRET_ACCESS_KEY,
  };
  if (isWhole(s3)) return s3;
  const missing = Object.keys(storeShape).filter(
    name => name.startsWith('S3_') && config[name as keyof StoreConfig] === undefined,
  );
  if (missing.length < Object.keys(s3).length) {
    throw new ConfigError(missing.map(name => `${name} is not set, though other S3_* are; set all or none`));
  }
  return null;
}

const isWhole = <T extends object>(values: T): values is { [K in keyof T]: NonNullable<T[K]> } =>
  Object.values(values).every(value => value !== undefined);
