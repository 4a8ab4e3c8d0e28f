import type { Letter } from '../protocol/index.ts';
import { addressChangedMail, newAddressCodeMail, oldAddressCodeMail } from './address-change.ts';
import { messageOf } from './index.ts';
import type { Message, Reader } from './letter.ts';
import { memberInvitationMail } from './member-invitation.ts';
import { retentionWarningMail } from './retention-warning.ts';
import { signInCodeMail } from './sign-in-code.ts';
import { signInLinkMail } from './sign-in-link.ts';

const at = new Date('2027-03-01T09:30:00Z');
const seen = { device: 'Firefox on Linux', address: '192.0.2.7', at };
const organization = 'Moon Radio';
const money = { organization, amount: 2900, currency: 'eur' };

type ExampleOf<Kind extends Letter['kind']> = Omit<Extract<Letter, { kind: Kind }>, 'kind'>;

/** Of a notice that owners are told of. */
export const noticeTexts = {
  en: {
    title: 'Another mail provider',
    text: 'Mail is sent by Example Mail.\n\nIt sees addresses and letters.',
  },
  fr: {
    title: 'Un autre prestataire',
    text: 'Le courrier part par Example Mail.\n\nIl voit adresses et lettres.',
  },
};

/** One of each letter: a new kind without an example is no type. */
const letters: { [Kind in Letter['kind']]: ExampleOf<Kind> } = {
  'new-device': seen,
  'new-passkey': seen,
  'account-deletion': { purgeAfter: at },
  notice: {
    effectiveAt: at,
    texts: noticeTexts,
  },
  'retention-warning': {
    ...{ organizationName: organization, recordings: 3, firstAt: at, moreSessions: 1 },
    sessions: [{ title: 'Episode 12: What the moon is made of', recordings: 2 }],
  },
  'export-ready': { url: 'https://record.example.org/account', expiresAt: at },
  receipt: { ...money, number: 'MOON-0007', paidAt: at },
  'payment-failed': { ...money, graceEndsAt: at },
  'trial-ending': { organization, plan: 'team', trialEndsAt: at },
  'organization-closing': {
    ...{ organizationName: organization, by: 'Grace Hopper', eraseAfter: at },
    url: 'https://record.example.org/organization',
  },
  'organization-kept': { organizationName: organization, by: 'Grace Hopper' },
  'organization-erased': { organizationName: organization, receipt: '{"what": "organization"}' },
  'hours-used-up': { organization, plan: 'pro', hours: 20, until: at },
};

const addresses = { oldEmail: 'ada@example.org', newEmail: 'ada@example.com' };
const link = (path: string) => `https://record.example.org/${path}#${'A'.repeat(22)}`;

/** What is sent at once (mailer.ts). */
const direct: Record<string, (reader: Reader) => Message> = {
  'sign-in-code': reader => signInCodeMail(reader, '012345'),
  'sign-in-link': reader => signInLinkMail(reader, link('sign-in')),
  'member-invitation': reader =>
    memberInvitationMail(reader, {
      ...{ invitedBy: 'Grace Hopper', organizationName: organization, role: 'admin' },
      url: link('invitation'),
    }),
  'old-address-code': reader => oldAddressCodeMail(reader, { ...addresses, code: '012345' }),
  'new-address-code': reader => newAddressCodeMail(reader, { ...addresses, code: '543210' }),
  'address-changed': reader => addressChangedMail(reader, { ...addresses, at }),
};

/** What is said otherwise in another case. */
const variants: Record<string, (reader: Reader) => Message> = {
  'retention-warning-by-plan': reader =>
    retentionWarningMail(reader, {
      ...{ kind: 'retention-warning', ...letters['retention-warning'] },
      plan: { name: 'free', days: 30 },
    }),
};

/** Every mail of the product with data that are made up, by its kind. */
export const examples: Readonly<Record<string, (reader: Reader) => Message>> = {
  ...direct,
  ...variants,
  ...Object.fromEntries(
    Object.entries(letters).map(([kind, example]) => [
      kind,
      (reader: Reader) => messageOf(reader, { kind, ...example } as Letter),
    ]),
  ),
};
