import type { Assigned } from './programs.ts';
import {
  formerReceiptKeys,
  readOrMakeSecret,
  readPrevious,
  type SecretName,
  secretFiles,
} from './secrets.ts';
import type { Settings } from './settings.ts';

/** What the processes share: as it was set, else as it lies in DATA_DIR, made where it is not there yet. */
export function assignSecrets(
  settings: Settings,
): Pick<Assigned, 'nodeSecret' | 'codePepper' | 'sealingKey' | 'former'> {
  const secret = (name: SecretName) =>
    settings[name] ?? readOrMakeSecret(settings.DATA_DIR, secretFiles[name]);
  const previous = (name: SecretName) =>
    settings[`${name}_PREVIOUS`] ??
    (settings[name] === undefined ? readPrevious(settings.DATA_DIR, secretFiles[name]) : undefined);
  return {
    nodeSecret: secret('NODE_SECRET'),
    codePepper: secret('CODE_PEPPER'),
    sealingKey: secret('SEALING_KEY'),
    former: {
      NODE_SECRET_PREVIOUS: previous('NODE_SECRET'),
      CODE_PEPPER_PREVIOUS: previous('CODE_PEPPER'),
      SEALING_KEY_PREVIOUS: previous('SEALING_KEY'),
      RECEIPT_KEYS_FORMER: settings.RECEIPT_KEYS_FORMER ?? formerReceiptKeys(settings.DATA_DIR).join(','),
    },
  };
}
