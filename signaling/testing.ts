/** For tests that talk to signaling as a browser and a mail server do. */
export { signalingShape } from './config.ts';
export { Browser } from './http/fixtures/browser.ts';
export { operator } from './http/fixtures/operator.ts';
export { operations } from './http/openapi/operations.ts';
export { identified, requestLog } from './http/request-log.ts';
export { noticeTexts } from './mail/examples.ts';
export { mailConfigTo } from './mail/fixtures/mail-config.ts';
export { type MailServer, startMailServer } from './mail/fixtures/mail-server.ts';
export { notification } from './mail/fixtures/notification.ts';
export { iceServersOf, turnCredential } from './turn.ts';
