import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { bytesOf, checkedParts } from './body.ts';
import type { Body } from './object-store.ts';

/** S3 takes 10 000 parts of one object at most. */
const MAX_PARTS = 10_000;

/**
 * Uploads in parts of equal size, each with its MD5. The object comes into being with the last request, and only if
 * the whole had the hash it should have and nothing has that name. A failed upload is given up, so that its parts
 * cost nothing.
 * @returns whether the object's ETag is the one that these parts give: it is what was sent, and not another's
 */
export async function uploadInParts(
  client: S3Client,
  object: { Bucket: string; Key: string },
  body: Body,
  sha256Hex: string,
  minPartBytes: number,
): Promise<boolean> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  const upload = { ...object, UploadId };
  const partBytes = Math.max(minPartBytes, Math.ceil(bytesOf(body) / MAX_PARTS));
  const partMd5s: Buffer[] = [];
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for await (const part of checkedParts(object.Key, body, sha256Hex, partBytes)) {
      const PartNumber = Parts.length + 1;
      const md5 = createHash('md5').update(part).digest();
      partMd5s.push(md5);
      const ContentMD5 = md5.toString('base64');
      const { ETag } = await client.send(
        new UploadPartCommand({ ...upload, PartNumber, Body: part, ContentMD5 }),
      );
      Parts.push({ PartNumber, ETag });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, IfNoneMatch: '*' }),
    );
    // Asked for, as the answer to the completion does not have it everywhere (Ceph 16).
    const { ETag } = await client.send(new HeadObjectCommand(object));
    const whole = createHash('md5').update(Buffer.concat(partMd5s)).digest('hex');
    return ETag?.replaceAll('"', '') === `${whole}-${partMd5s.length}`;
  } catch (error) {
    // The first error is the one to tell; parts that stay are removed by the bucket's lifecycle rule.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}
