import { z } from 'zod';

/** An organization's own key in AWS KMS. Strict: the region in it says whom we ask. */
const KEY_ARN =
  /^arn:aws(-cn|-us-gov)?:kms:(?<region>[a-z]{2}(-[a-z]+)+-\d{1,2}):\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ROLE_ARN = /^arn:aws(-cn|-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;

export const kmsKeyArn = z
  .string()
  .trim()
  .regex(KEY_ARN, 'that is no ARN of a KMS key, such as arn:aws:kms:eu-west-3:111122223333:key/1234abcd-…');
export const iamRoleArn = z
  .string()
  .trim()
  .regex(ROLE_ARN, 'that is no ARN of a role, such as arn:aws:iam::111122223333:role/cratersync');

export const customerKey = z.object({
  keyArn: kmsKeyArn,
  /** What we assume to use it, with the organization’s id as external id; null: its policy lets us as who we are. */
  roleArn: iamRoleArn.nullable(),
});
export type CustomerKey = z.output<typeof customerKey>;

/** @param keyArn as `kmsKeyArn` takes it */
export const regionOfArn = (keyArn: string): string => KEY_ARN.exec(keyArn)?.groups?.['region'] ?? '';
