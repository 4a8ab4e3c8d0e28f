import type { Clock, Log } from '@cratersync/infra/runtime';
import { NativeUdpReceiver } from './native-receiver.ts';
import { NodeUdpReceiver } from './node-receiver.ts';
import type { UdpReceiver } from './udp-receiver.ts';

export type { UdpReceiver } from './udp-receiver.ts';

/** 'auto': the native one where it was built. */
export type UdpChoice = 'auto' | 'native' | 'node';

/** @throws when the native one is asked for and cannot be loaded */
export function openUdpReceiver(choice: UdpChoice, { clock, log }: { clock: Clock; log: Log }): UdpReceiver {
  if (choice === 'node') return new NodeUdpReceiver(clock);
  try {
    return new NativeUdpReceiver(clock);
  } catch (error) {
    if (choice === 'native') throw error;
    log.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'the native UDP receiver is not there, so Node’s own sockets are used, which cost more; `make start` builds it where there is gcc',
    );
    return new NodeUdpReceiver(clock);
  }
}
