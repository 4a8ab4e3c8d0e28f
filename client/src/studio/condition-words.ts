import { t } from '../i18n/t.ts';
import type { Condition } from '../protocol.ts';

/** What is wrong with somebody's connection, in plain words; null while it is good. */
export function connectionWords(condition: Pick<Condition, 'connection' | 'reason'> | null): string | null {
  if (condition === null || condition.connection === 'good') return null;
  const isPoor = condition.connection === 'poor';
  switch (condition.reason) {
    case 'loss':
      return isPoor
        ? t('Poor connection: much is lost on the way')
        : t('Unsteady connection: some is lost on the way');
    case 'delay':
      return isPoor
        ? t('Poor connection: everything arrives very late')
        : t('Slow connection: everything arrives late');
    case 'bandwidth':
      return isPoor
        ? t('Poor connection: there is hardly room for the sound')
        : t('Thin connection: there is not enough room for the picture');
    case 'processor':
      return t('The device is too slow for the picture');
    case null:
      return null;
  }
}
