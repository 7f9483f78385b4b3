export type Json = Readonly<Record<string, unknown>>;

export function code(value: unknown, caption?: string): string {
  return value === undefined ? '' : figure(JSON.stringify(value, null, 2), caption);
}

export function figure(content: string, caption?: string): string {
  const title = caption === undefined ? '' : `<figcaption>${text(caption)}</figcaption>`;
  return `<figure>${title}<pre tabindex="0"><code>${text(content)}</code></pre></figure>`;
}

export function paragraphs(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .split('\n\n')
    .map((paragraph) => `<p>${inline(paragraph)}</p>`)
    .join('');
}

/** Backquotes are the only mark-up that our descriptions use. */
export function inline(value: unknown): string {
  return text(value ?? '').replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

export function text(value: unknown): string {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function lastPart(reference: unknown): string {
  return String(reference).split('/').at(-1) ?? '';
}
