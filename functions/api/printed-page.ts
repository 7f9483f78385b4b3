const style = `body{font:14px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:2rem 0 .5rem}address{font-style:normal}table{width:100%;border-collapse:collapse;margin:1rem 0}
th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #ccc}th+th,td+td{text-align:right}
tfoot td{font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0}
@page{size:A4;margin:15mm}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}`;

/** What a browser needs to know of it: it runs nothing, and asks nobody. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
};

/** @param body HTML */
export function printedPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(title)}</title><style>${style}</style>
${body}
</html>`;
}

export function table(head: readonly string[], rows: readonly string[], foot = ''): string {
  const names = head.map((name) => `<th>${text(name)}</th>`).join('');
  return `<table><thead><tr>${names}</tr></thead><tbody>
${rows.join('\n')}
</tbody>${foot === '' ? '' : `<tfoot>${foot}</tfoot>`}</table>`;
}

export function money(amount: number, currency: string): string {
  return `${(amount / 100).toFixed(2)} ${currency}`;
}

export function percent(rate: number | undefined): string {
  return rate === undefined ? '–' : `${rate / 100} %`;
}

export function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
}

/** Whatever somebody wrote stays what it says. */
export function text(value: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return value.replaceAll(/[&<>"]/g, (character) => named[character] ?? '');
}
