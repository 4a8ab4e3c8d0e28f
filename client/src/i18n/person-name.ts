import { DELETED_PERSON } from '../protocol.ts';
import { t } from './t.ts';

/** What somebody is called; of whoever has deleted their account, that. */
export const personName = (name: string): string => (name === DELETED_PERSON ? t('Deleted person') : name);
