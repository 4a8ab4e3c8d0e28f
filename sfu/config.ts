import { availableParallelism, hostname, networkInterfaces } from 'node:os';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);

/** The SFU's environment; the table in README.md says what each means. */
export const sfuShape = {
  SIGNALING_URL: z.url().default('http://127.0.0.1:3000'),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  NODE_ID: z.string().max(100).default(`sfu-${hostname()}`),
  MEDIASOUP_WORKER_BIN: z.string().optional(),
  SFU_WORKERS: z.coerce.number().int().min(1).max(128).default(Math.min(availableParallelism(), 4)),
  /** Where browsers' media arrives. Without it: loopback and every other IPv4 address of this machine. */
  RTC_IP: z.ipv4().optional(),
  /** The address told to browsers in place of RTC_IP, behind a NAT. */
  RTC_ANNOUNCED_ADDRESS: z.string().optional(),
  /** First UDP and TCP port for media, one a worker; 0 takes free ones. */
  RTC_PORT: port.default(0),
  /** Where taps leave from: the address on which the recorders reach this machine. */
  TAP_IP: z.ipv4().default('127.0.0.1'),
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
