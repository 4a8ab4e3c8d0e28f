import { errors } from '../protocol/index.ts';
import { addressChangedMail, newAddressCodeMail, oldAddressCodeMail } from './address-change.ts';
import type { Message, Reader } from './letter.ts';
import { type InvitedTo, memberInvitationMail } from './member-invitation.ts';
import { type MailConfig, openPost } from './post.ts';
import { signInCodeMail } from './sign-in-code.ts';
import { signInLinkMail } from './sign-in-link.ts';

/**
 * What somebody waits for, or what has a secret in it: sent at once. Everything else is a letter, and waits in the queue
 * (`letters` of the database). @throws `unavailable` when the mail server does not take it
 */
export interface Mailer {
  sendSignInCode(to: Reader, code: string): Promise<void>;
  sendSignInLink(to: Reader, url: string): Promise<void>;
  sendMemberInvitation(to: Reader, invitation: InvitedTo): Promise<void>;
  sendOldAddressCode(to: Reader, change: { newEmail: string; code: string }): Promise<void>;
  sendNewAddressCode(to: Reader, change: { oldEmail: string; code: string }): Promise<void>;
  sendAddressChangedNotice(
    to: Reader,
    change: { oldEmail: string; newEmail: string; at: Date },
  ): Promise<void>;
  close(): void;
}

/** @param onSent as of `openPost` */
export function createMailer(config: MailConfig, onSent?: Parameters<typeof openPost>[1]): Mailer {
  const post = openPost(config, onSent);
  const send = ({ email }: Reader, message: Message) =>
    post.send(email, message).catch((error: unknown) => {
      throw errors.unavailable('mail server', error);
    });
  return {
    sendSignInCode: (to, code) => send(to, signInCodeMail(to, code)),
    sendSignInLink: (to, url) => send(to, signInLinkMail(to, url)),
    sendMemberInvitation: (to, invitation) => send(to, memberInvitationMail(to, invitation)),
    sendOldAddressCode: (to, change) => send(to, oldAddressCodeMail(to, change)),
    sendNewAddressCode: (to, change) => send(to, newAddressCodeMail(to, change)),
    sendAddressChangedNotice: (to, change) => send(to, addressChangedMail(to, change)),
    close: () => post.close(),
  };
}
