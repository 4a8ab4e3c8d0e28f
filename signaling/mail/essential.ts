import type { Letter } from '../protocol/index.ts';

/** Tried also where mail was refused before: somebody's account may be in other hands, or something is gone for good. */
const essential: Record<Letter['kind'], boolean> = {
  'new-device': true,
  'new-passkey': true,
  'account-deletion': true,
  'organization-closing': true,
  'organization-erased': true,
  'retention-warning': true,
  notice: false,
  'export-ready': false,
  receipt: false,
  'payment-failed': false,
  'trial-ending': false,
  'hours-used-up': false,
  'organization-kept': false,
};

export const isEssential = ({ kind }: Letter): boolean => essential[kind];
