import { createHash, randomBytes } from 'node:crypto';

/** As much of a browser as a sign-in needs: it keeps cookies, shows where it is sent, and fills in forms. */
export class Browser {
  readonly cookies = new Map<string, string>();

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Goes on as long as the issuer sends it on to itself. */
  async follow(url: string): Promise<{ readonly url: string; readonly response: Response }> {
    const response = await this.open(url);
    const location = response.headers.get('location');
    if (location === null) return { url, response };
    const next = new URL(location, url);
    return next.origin === new URL(url).origin && next.pathname !== '/signed-in'
      ? this.follow(next.href)
      : { url: next.href, response };
  }

  /** Fills in the form of a page and sends it off, with the hidden fields as they stand there. */
  async submit(
    pageUrl: string,
    page: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(page) ?? [];
    const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    );
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
    return this.open(new URL(action.replaceAll('&amp;', '&'), pageUrl).href, { method: 'POST', body, headers });
  }
}

/** What an app keeps to itself, and what it shows (RFC 7636). */
export function pkce() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
