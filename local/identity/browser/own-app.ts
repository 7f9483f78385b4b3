import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { cookie, redirect, type WebAnswer, type WebRequest } from '../web.ts';
import { faultPage, page, text } from './page.ts';

/** The smallest app: it sends a person to sign in, and shows what comes of it. */
export interface OwnApp {
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly redirectUri: string;
  /** Undefined while the API is not there. */
  readonly apiUrl: string | undefined;
  readonly cookieName: string;
  /** Asks the token endpoint. */
  trade(form: URLSearchParams): Promise<unknown>;
}

const traded = z.object({ access_token: z.string(), id_token: z.string(), expires_in: z.number() });
const patience = 600;

/** `/sign-in`: keeps the secret of PKCE in the browser and goes to the sign-in page. */
export function startSignIn({ clientId, authorizeUrl, redirectUri, cookieName }: OwnApp): WebAnswer {
  const [state, verifier] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url')];
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state, scope: 'openid profile' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return redirect(`${authorizeUrl}?${query}`, [cookie(cookieName, `${state}.${verifier}`, patience)]);
}

/** `/signed-in`: where the app's sign-in leads, its own or that of a program which made its own secret. */
export async function signedInPage({ query, cookies }: WebRequest, app: OwnApp): Promise<WebAnswer> {
  const error = query.get('error');
  if (error !== null) return faultPage(`The sign-in was refused: ${error} (${query.get('error_description') ?? ''})`);
  const code = query.get('code');
  if (code === null) return signedOutPage();
  const [state, verifier] = (cookies.get(app.cookieName) ?? '').split('.');
  if (!verifier || state !== query.get('state')) return codePage(code, app);
  const answer = traded.safeParse(
    await app.trade(
      new URLSearchParams({
        ...{ grant_type: 'authorization_code', client_id: app.clientId, code },
        ...{ redirect_uri: app.redirectUri, code_verifier: verifier },
      }),
    ),
  );
  return answer.success ? tokenPage(answer.data, app) : againPage();
}

function tokenPage({ access_token, id_token, expires_in }: z.infer<typeof traded>, app: OwnApp): WebAnswer {
  const { apiUrl = '', clientId, redirectUri } = app;
  const out = new URLSearchParams({ client_id: clientId, logout_uri: redirectUri });
  const { 'cognito:username': username } = decodeJwt(id_token);
  const content = `<h1>You are signed in</h1>
<p class="soft">as <b>${text(String(username))}</b>. This access token opens the API for ${Math.round(expires_in / 60)} minutes; in a shell:</p>
<pre class="line" tabindex="0" aria-label="The access token"><code>PERSON=${text(access_token)}</code></pre>
<pre tabindex="0" aria-label="A first request"><code>curl -s -H "authorization: Bearer $PERSON" ${text(apiUrl)}/v1/me</code></pre>
<p><a href="${text(`${apiUrl}/docs`)}">What the API can do</a> · <a href="/logout?${text(String(out))}">Sign out</a></p>`;
  return page({ title: 'You are signed in', content, wide: true });
}

function codePage(code: string, { tokenUrl, clientId, redirectUri }: OwnApp): WebAnswer {
  const content = `<h1>You are signed in</h1>
<p class="soft">Whoever sent you here has the secret that belongs to this code (<code>VERIFIER</code>), and trades both for tokens within five minutes, once:</p>
<pre tabindex="0" aria-label="Trading the code"><code>curl -s ${text(tokenUrl)} -d grant_type=authorization_code -d client_id=${text(clientId)} \\
  -d redirect_uri=${text(redirectUri)} -d code=${text(code)} -d "code_verifier=$VERIFIER"</code></pre>
<p><a href="/sign-in">Sign in from here instead</a></p>`;
  return page({ title: 'You are signed in', content, wide: true });
}

function signedOutPage(): WebAnswer {
  const content = `<h1>You are signed out</h1>
<p class="soft">in this browser. Tokens that were given before hold until they expire.</p>
<a class="button" href="/sign-in">Sign in</a>`;
  return page({ title: 'You are signed out', content });
}

/** The page was loaded again: its code is spent, and what came of it must not be shown twice. */
function againPage(): WebAnswer {
  const content = `<h1>This page shows its token once</h1>
<p class="soft">Its code has been used or has expired. A new sign-in gives a new token; the one before has been revoked.</p>
<a class="button" href="/sign-in">Sign in</a>`;
  return page({ title: 'Sign in again', content, status: 400 });
}
