import { createTransport } from 'nodemailer';
import type { SignalingConfig } from '../config.ts';
import { errors } from '../protocol/index.ts';
import { addressChangedMail, newAddressCodeMail, oldAddressCodeMail } from './address-change.ts';
import type { Message, Reader } from './letter.ts';
import { type InvitedTo, memberInvitationMail } from './member-invitation.ts';
import { type NewDevice, newDeviceMail, newPasskeyMail } from './new-device.ts';
import { signInCodeMail } from './sign-in-code.ts';
import { signInLinkMail } from './sign-in-link.ts';

const TIMEOUT_MS = 5000;

/** What we send, by what it is for. @throws `unavailable` when the mail server does not take it */
export interface Mailer {
  sendSignInCode(to: Reader, code: string): Promise<void>;
  sendSignInLink(to: Reader, url: string): Promise<void>;
  sendNewDeviceNotice(to: Reader, seen: NewDevice): Promise<void>;
  sendPasskeyNotice(to: Reader, made: NewDevice): Promise<void>;
  sendMemberInvitation(to: Reader, invitation: InvitedTo): Promise<void>;
  sendOldAddressCode(to: Reader, change: { newEmail: string; code: string }): Promise<void>;
  sendNewAddressCode(to: Reader, change: { oldEmail: string; code: string }): Promise<void>;
  sendAddressChangedNotice(
    to: Reader,
    change: { oldEmail: string; newEmail: string; at: Date },
  ): Promise<void>;
  close(): void;
}

type SmtpConfig = Pick<
  SignalingConfig,
  'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_USER' | 'SMTP_PASSWORD' | 'SMTP_SECURE' | 'MAIL_FROM'
>;

export function createMailer(config: SmtpConfig): Mailer {
  const { SMTP_USER: user, SMTP_PASSWORD: pass } = config;
  const transport = createTransport({
    pool: true,
    host: config.SMTP_HOST,
    port: config.SMTP_PORT,
    secure: config.SMTP_SECURE,
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  const send = async ({ email }: Reader, message: Message) => {
    const mail = { from: config.MAIL_FROM, to: email, ...message };
    // A pooled connection may have been closed by the server since it was last used: the second try has a new one.
    await transport
      .sendMail(mail)
      .catch(() => transport.sendMail(mail))
      .catch((error: unknown) => {
        throw errors.unavailable('mail server', error);
      });
  };
  return {
    sendSignInCode: (to, code) => send(to, signInCodeMail(to, code)),
    sendSignInLink: (to, url) => send(to, signInLinkMail(to, url)),
    sendNewDeviceNotice: (to, seen) => send(to, newDeviceMail(to, seen)),
    sendPasskeyNotice: (to, made) => send(to, newPasskeyMail(to, made)),
    sendMemberInvitation: (to, invitation) => send(to, memberInvitationMail(to, invitation)),
    sendOldAddressCode: (to, change) => send(to, oldAddressCodeMail(to, change)),
    sendNewAddressCode: (to, change) => send(to, newAddressCodeMail(to, change)),
    sendAddressChangedNotice: (to, change) => send(to, addressChangedMail(to, change)),
    close: () => transport.close(),
  };
}
