export interface Message {
  subject: string;
  text: string;
  html: string;
}

type Paragraph = string | { link: string } | { code: string };

const escaped = (text: string) => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

/** One message in its two forms. No colours of its own: mail programs show it light or dark as their reader likes. */
export function letter(paragraphs: Paragraph[]): Pick<Message, 'text' | 'html'> {
  const text = paragraphs.map(each => {
    if (typeof each === 'string') return each;
    return `    ${'link' in each ? each.link : each.code}`;
  });
  const html = paragraphs.map(each => {
    if (typeof each === 'string') return `<p>${escaped(each)}</p>`;
    if ('link' in each) return `<p><a href="${escaped(each.link)}">${escaped(each.link)}</a></p>`;
    return `<p style="font-size:2rem;letter-spacing:.25em;font-weight:600">${escaped(each.code)}</p>`;
  });
  return {
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:32rem">
${html.join('\n')}</body></html>`,
  };
}
