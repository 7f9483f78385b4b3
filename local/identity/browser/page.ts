import type { WebAnswer } from '../web.ts';

const style = `
:root{--ink:#1b2430;--soft:#5b6878;--line:#c4ccd6;--page:#eef2f6;--card:#fff;--accent:#0b5cad;--on-accent:#fff;--bad:#b3261e;--bad-page:#fdecea;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b6;--line:#3d4957;--page:#0f1419;--card:#1a2129;--accent:#7cb8f5;--on-accent:#0b1a2b;--bad:#f2b8b5;--bad-page:#3b1f1e}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;padding:1.25rem;color:var(--ink);background:var(--page);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:25rem;padding:2rem clamp(1.25rem,6vw,2.25rem);border:1px solid var(--line);border-radius:.75rem;background:var(--card)}
main.wide{max-width:44rem}
.name{margin:0 0 1.5rem;color:var(--soft);font-weight:650}
h1{margin:0 0 .25rem;font-size:1.625rem;line-height:1.2;letter-spacing:-.01em}
p{margin:.5rem 0}
label{display:block;margin:1.1rem 0 .3rem;font-weight:550}
input{width:100%;min-height:2.875rem;padding:.5rem .75rem;border:1px solid var(--soft);border-radius:.4rem;color:inherit;background:transparent;font:inherit}
button,.button{display:block;width:100%;min-height:2.875rem;margin-top:1.5rem;padding:.65rem 1rem;border:0;border-radius:.4rem;color:var(--on-accent);background:var(--accent);font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[aria-invalid=true]{border-color:var(--bad);border-width:2px}
.alert{margin:1rem 0 0;padding:.65rem .85rem;border-radius:.4rem;color:var(--bad);background:var(--bad-page)}
.soft{color:var(--soft);font-size:.9375rem}
a{color:var(--accent)}
a.button{color:var(--on-accent)}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{margin:.5rem 0 1rem;padding:.75rem 1rem;max-height:14rem;overflow:auto;border:1px solid var(--line);border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre.line{white-space:pre;overflow-x:auto}
pre.line code{overflow-wrap:normal}
footer{margin-top:1.75rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
`;

/** No script, nothing from elsewhere, in nobody's frame, in no cache. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

export interface Page {
  readonly title: string;
  /** HTML. */
  readonly content: string;
  readonly wide?: boolean;
  readonly status?: number;
  readonly cookies?: readonly string[];
}

export function page({ title, content, wide = false, status = 200, cookies = [] }: Page): WebAnswer {
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)} · Fleetloom</title>
<style>${style}</style>
</head>
<body>
<main${wide ? ' class="wide"' : ''}>
<p class="name">Fleetloom</p>
${content}
</main>
</body>
</html>
`;
  return { status, headers: { ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) }, body };
}

/** Somebody was sent here in a way that leads nowhere. */
export function faultPage(what: string): WebAnswer {
  const content = `<h1>This does not lead on</h1>
<p>${text(what)}</p>
<p class="soft">Go back to the app and begin again. If it comes back, whoever made the app has to mend it.</p>`;
  return page({ title: 'This does not lead on', content, status: 400 });
}

export function text(value: string): string {
  const signs: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return value.replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
