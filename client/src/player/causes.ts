import { type PlainKey, t } from '../i18n/t.ts';

/** Why something is missing, in words; of the causes in the certificate. */
const names: Record<string, PlainKey> = {
  late: 'not there yet',
  left: 'gone',
  muted: 'muted or switched off',
  paused: 'the recording was paused',
  'no-packets': 'nothing arrived',
  'network-loss': 'lost on the network',
  'recorder-restarted': 'lost while a recorder restarted',
  'recorder-full': 'not kept, the disk was full',
  'recorder-damaged': 'lost or damaged in storage',
  'capture-stall': 'the device delivered nothing',
};

export function causeName(cause: string): string {
  const name = names[cause];
  return name === undefined ? cause.replaceAll('-', ' ') : t(name);
}

/** Not sent, because there was nothing to be heard: nothing is missing. */
export const isSilence = (cause: string): boolean => cause === 'dtx';

/** What somebody did themselves is no fault. */
export const isFault = (cause: string): boolean => !['late', 'left', 'muted', 'paused'].includes(cause);
