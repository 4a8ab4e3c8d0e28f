/** What a page is made of. In its words `[text](address)` is a link. */
export type Block =
  | string
  | { h1: string }
  | { h2: string; id?: string }
  | { h3: string }
  | { list: readonly string[] }
  | { cards: readonly { title: string; text: string }[] }
  | { picture: string }
  | { action: string; href: string }
  | { table: { id: string; head: readonly string[]; rows: readonly (readonly string[])[] } };

export const escaped = (text: string): string => text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`);

/** Only to pages of our own, and to mail. */
const worded = (text: string): string =>
  escaped(text).replace(/\[([^\]]+)\]\(((?:\/|mailto:|#)[^)\s]*)\)/g, '<a href="$2">$1</a>');

export function html(block: Block): string {
  if (typeof block === 'string') return `<p>${worded(block)}</p>`;
  if ('h1' in block) return `<h1>${worded(block.h1)}</h1>`;
  if ('h2' in block)
    return `<h2${block.id === undefined ? '' : ` id="${escaped(block.id)}"`}>${worded(block.h2)}</h2>`;
  if ('h3' in block) return `<h3>${worded(block.h3)}</h3>`;
  if ('list' in block) return `<ul>${block.list.map(item => `<li>${worded(item)}</li>`).join('')}</ul>`;
  if ('cards' in block)
    return `<div class="cards">${block.cards
      .map(
        ({ title, text }) =>
          `<section class="card"><h2>${worded(title)}</h2><p>${worded(text)}</p></section>`,
      )
      .join('')}</div>`;
  if ('picture' in block)
    return `<img class="picture" src="/studio.webp" width="1280" height="800" alt="${escaped(block.picture)}">`;
  if ('action' in block)
    return `<p><a class="button button-primary" href="${escaped(block.href)}">${escaped(block.action)}</a></p>`;
  const { id, head, rows } = block.table;
  const cells = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? `<th scope="row">${worded(cell)}</th>` : `<td>${worded(cell)}</td>`))
      .join('');
  return `<div class="table" role="region" tabindex="0" aria-label="${escaped(head[0] ?? '')}"><table id="${escaped(id)}"><thead><tr>${head
    .map(cell => `<th scope="col">${worded(cell)}</th>`)
    .join(
      '',
    )}</tr></thead><tbody>${rows.map(row => `<tr>${cells(row)}</tr>`).join('')}</tbody></table></div>`;
}
