import { createHmac } from 'node:crypto';

/**
 * The headers that let a receiver know that a message is ours and new: HMAC-SHA-256 over id.timestamp.body, in base64
 * (https://www.standardwebhooks.com, version 1).
 */
export function signedHeaders(message: {
  id: string;
  at: Date;
  body: string;
  key: Buffer;
}): Record<string, string> {
  const { id, at, body, key } = message;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
