/** For tests that talk to signaling as a browser and a mail server do. */
export { Browser } from './http/fixtures/browser.ts';
export { type MailServer, startMailServer } from './mail/fixtures/mail-server.ts';
