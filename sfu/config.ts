import { availableParallelism, hostname, networkInterfaces } from 'node:os';
import { region } from '@cratersync/signaling/protocol';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);

/** The SFU's environment; the table in README.md says what each means. */
export const sfuShape = {
  SIGNALING_URL: z.url().default('http://127.0.0.1:3000').describe('where SFU and recorder dial in'),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  NODE_ID: z.string().max(100).default(`sfu-${hostname()}`).meta({
    description: 'the name of this SFU or recorder; no two of a kind may share one',
    shown: 'its kind and the host’s name',
  }),
  NODE_REGION: region
    .optional()
    .describe('whose organizations a node or worker serves: `ca` or `fr`; without it, all'),
  MEDIASOUP_WORKER_BIN: z
    .string()
    .optional()
    .meta({ description: 'the media worker', shown: 'downloaded or built, and cached' }),
  SFU_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(128)
    .default(Math.min(availableParallelism(), 4))
    .meta({ description: 'mediasoup workers', shown: 'number of cores, at most 4' }),
  RTC_IP: z
    .ipv4()
    .optional()
    .meta({ description: 'where browsers’ media arrives', shown: 'every IPv4 address' }),
  RTC_ANNOUNCED_ADDRESS: z
    .string()
    .optional()
    .describe('the address that is told to browsers in its place, behind a NAT'),
  RTC_PORT: port.default(0).describe('first UDP and TCP port for media, one a worker; 0 takes free ones'),
  TAP_IP: z
    .ipv4()
    .default('127.0.0.1')
    .describe('between SFU and recorder: the address at which the other one reaches this machine'),
};

export interface MediaAddress {
  ip: string;
  announcedAddress: string | undefined;
}

/** The addresses on which browsers may reach the media ports. */
export function mediaAddresses(config: {
  RTC_IP?: string | undefined;
  RTC_ANNOUNCED_ADDRESS?: string | undefined;
}): MediaAddress[] {
  if (config.RTC_IP !== undefined)
    return [{ ip: config.RTC_IP, announcedAddress: config.RTC_ANNOUNCED_ADDRESS }];
  const others = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(address => address.family === 'IPv4' && !address.internal)
    .map(address => address.address);
  return ['127.0.0.1', ...others].map(ip => ({ ip, announcedAddress: config.RTC_ANNOUNCED_ADDRESS }));
}
