/** As much of writing XML as the projects need. */

export type XmlChild = string | number | XmlElement;
export interface XmlElement {
  name: string;
  attributes: Record<string, string | number | boolean>;
  children: readonly XmlChild[];
}

export const element = (
  name: string,
  attributes: XmlElement['attributes'],
  ...children: readonly XmlChild[]
): XmlElement => ({ name, attributes, children });

/** An element without attributes. */
export const plain = (name: string, ...children: readonly XmlChild[]): XmlElement =>
  element(name, {}, ...children);

export function xmlDocument(root: XmlElement, doctype = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}${write(root, '')}\n`;
}

function write({ name, attributes, children }: XmlElement, indent: string): string {
  const told = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const open = `${indent}<${name}${told.join('')}`;
  if (children.length === 0) return `${open}/>`;
  const texts = children.every(child => typeof child !== 'object');
  if (texts) return `${open}>${escaped(children.join(''))}</${name}>`;
  const inner = children.map(child =>
    typeof child === 'object' ? write(child, `${indent}  `) : `${indent}  ${escaped(String(child))}`,
  );
  return `${open}>\n${inner.join('\n')}\n${indent}</${name}>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 cannot hold at all become spaces. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')
    .replace(/[&<>"']/g, character => ENTITIES[character] ?? '');
