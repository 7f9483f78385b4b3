import { s3Error } from './s3-error.ts';

/** Nested elements to write; a list repeats its element, undefined leaves it out. */
export type XmlContent = string | number | boolean | XmlMembers;
export interface XmlMembers {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

/** A document as S3 writes it. */
export function writeXml(root: string, members: XmlMembers, namespace = true): string {
  const attribute = namespace ? ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"' : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${written(members)}</${root}>`;
}

function written(members: XmlMembers): string {
  let text = '';
  for (const [name, member] of Object.entries(members)) {
    if (member === undefined) continue;
    for (const one of isList(member) ? member : [member]) {
      text += `<${name}>${typeof one === 'object' ? written(one) : escaped(String(one))}</${name}>`;
    }
  }
  return text;
}

function isList(member: XmlContent | readonly XmlContent[]): member is readonly XmlContent[] {
  return Array.isArray(member);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  // Control characters would not survive the reader's line-end normalisation, or stop it.
  return text.replaceAll(/[&<>"\p{Cc}]/gu, (char) => entities[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const token =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;

/**
 * Reads the small documents that S3's callers send: elements and text, without document types.
 *
 * @throws AwsError MalformedXML
 */
export function readXml(text: string): XmlElement {
  interface Open {
    readonly name: string;
    text: string;
    readonly children: XmlElement[];
  }
  const top: Open = { name: '', text: '', children: [] };
  const open: Open[] = [top];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    const inner = open.at(-1);
    if (match === null || inner === undefined) throw s3Error('MalformedXML');
    const [, closing, name, , selfClosed, content] = match;
    if (content !== undefined) inner.text += unescaped(content);
    if (name === undefined) continue;
    if (closing === '/') {
      if (open.length < 2 || inner.name !== name) throw s3Error('MalformedXML');
      open.pop();
    } else {
      const element: Open = { name, text: '', children: [] };
      inner.children.push(element);
      if (selfClosed !== '/') open.push(element);
    }
  }
  const [root, ...more] = top.children;
  if (open.length > 1 || root === undefined || more.length > 0 || top.text.trim() !== '') throw s3Error('MalformedXML');
  return root;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(/&([^;]*);/g, (_, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const code = number === null ? Number.NaN : Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10);
    const char = code <= 0x10ffff ? String.fromCodePoint(code) : named[name];
    if (char === undefined) throw s3Error('MalformedXML');
    return char;
  });
}
