import type { Metrics } from '@cratersync/infra/runtime';
import type { SentMail } from './post.ts';

/** How much mail the mail server took. */
export function mailMetrics(metrics: Metrics): (sent: SentMail) => void {
  const mails = metrics.counter({
    name: 'cratersync_mail_total',
    help: 'Mails by what the mail server said: sent, no such address, refused for good, too much at once, not reached.',
    labels: ['outcome'],
  });
  // An alert needs to see them rise from zero.
  for (const outcome of ['sent', 'bounced', 'refused', 'throttled', 'unreached']) mails.inc({ outcome }, 0);
  const seconds = metrics.seconds({
    name: 'cratersync_mail_seconds',
    help: 'From handing a mail over to the answer.',
  });
  return ({ outcome, ms }) => {
    mails.inc({ outcome });
    seconds.observe(ms / 1000);
  };
}
