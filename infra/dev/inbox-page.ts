export interface InboxMessage {
  id: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** ISO 8601 */
  date: string;
  /** The sign-in code, where the message carries one. */
  code?: string;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, character => entities[character] ?? character);

/** The newest first. No script and no style: it is shown under the app's content security policy. */
export function inboxPage(messages: readonly InboxMessage[]): string {
  const articles = messages.map(
    message => `<article>
<h2>${escapeHtml(message.subject)}</h2>
<p>To <b>${escapeHtml(message.to)}</b>, <time datetime="${message.date}">${message.date}</time></p>
<pre>${escapeHtml(message.text)}</pre>
</article>
<hr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="3"><title>Inbox – CraterSync</title></head>
<body>
<h1>Inbox</h1>
<p>Messages that this CraterSync would have sent. This page exists only in the embedded stack.</p>
${articles.join('\n') || '<p>No messages yet.</p>'}
</body>
</html>
`;
}
