import { errors, type rest } from '../protocol/index.ts';
import { addressChangedMail, newAddressCodeMail, oldAddressCodeMail } from './address-change.ts';
import type { Message, Reader } from './letter.ts';
import { type InvitedTo, memberInvitationMail } from './member-invitation.ts';
import { type MailConfig, openPost, type PostOptions } from './post.ts';
import { signInCodeMail } from './sign-in-code.ts';
import { signInLinkMail } from './sign-in-link.ts';
import { verdictOn, wordsOf } from './verdict.ts';

const CODES_AT_ONCE = 10;

/**
 * What somebody waits for, or what has a secret in it: sent at once, also where mail was refused before. Everything else is a
 * letter, and waits in the queue (`letters` of the database). @throws `unavailable` when the mail server does not take it
 */
export interface Mailer {
  sendSignInCode(to: Reader, code: string): Promise<void>;
  sendSignInLink(to: Reader, url: string): Promise<void>;
  /** @returns null when the mail server has taken it; it does not throw */
  sendMemberInvitation(to: Reader, invitation: InvitedTo): Promise<rest.Undelivered | null>;
  sendOldAddressCode(to: Reader, change: { newEmail: string; code: string }): Promise<void>;
  sendNewAddressCode(to: Reader, change: { oldEmail: string; code: string }): Promise<void>;
  sendAddressChangedNotice(
    to: Reader,
    change: { oldEmail: string; newEmail: string; at: Date },
  ): Promise<void>;
  close(): void;
}

export interface MailerOptions extends Pick<PostOptions, 'onSent'> {
  /** Hears of an address at which mail was refused for good, and in which words. */
  onBounced?: (bounced: { email: string; words: string }) => Promise<void>;
}

/** Codes have connections of their own: nothing else is before them there. */
export function createMailer(
  config: MailConfig,
  { onBounced = async () => {}, ...options }: MailerOptions = {},
): Mailer {
  const codes = openPost(config, { ...options, connections: CODES_AT_ONCE });
  const others = openPost(config, options);
  const hand = async (post: typeof codes, { email }: Reader, message: Message) => {
    try {
      await post.send(email, message);
    } catch (error) {
      if (verdictOn(error) === 'bounced') await onBounced({ email, words: wordsOf(error) });
      throw error;
    }
  };
  const send = (post: typeof codes, to: Reader, message: Message) =>
    hand(post, to, message).catch((error: unknown) => {
      throw errors.unavailable('mail server', error);
    });
  return {
    sendSignInCode: (to, code) => send(codes, to, signInCodeMail(to, code)),
    sendSignInLink: (to, url) => send(codes, to, signInLinkMail(to, url)),
    sendMemberInvitation: (to, invitation) =>
      hand(others, to, memberInvitationMail(to, invitation)).then(() => null, undeliveredBy),
    sendOldAddressCode: (to, change) => send(codes, to, oldAddressCodeMail(to, change)),
    sendNewAddressCode: (to, change) => send(codes, to, newAddressCodeMail(to, change)),
    sendAddressChangedNotice: (to, change) => send(others, to, addressChangedMail(to, change)),
    close: () => {
      codes.close();
      others.close();
    },
  };
}

function undeliveredBy(error: unknown): rest.Undelivered {
  const verdict = verdictOn(error);
  const why = verdict === 'bounced' || verdict === 'refused' ? 'refused' : 'unreached';
  return { why, words: wordsOf(error) };
}
