import { passwordFault } from '../people/password.ts';
import type { People, SignIn } from '../people/people.ts';
import type { User } from '../people/users.ts';
import type { UserPools } from '../user-pool.ts';
import { cookie, formOf, redirect, type WebAnswer, type WebRequest } from '../web.ts';
import { type Authorization, authorizationOf, back } from './authorization.ts';
import type { Codes } from './codes.ts';
import type { FormKeys } from './form-keys.ts';
import { faultPage } from './page.ts';
import { type BrowserSessions, sessionSeconds } from './sessions.ts';
import { newPasswordPage, signInPage } from './sign-in-page.ts';

export interface BrowserParts {
  readonly pools: UserPools;
  readonly people: People;
  readonly codes: Codes;
  readonly sessions: BrowserSessions;
  readonly formKeys: FormKeys;
  /** Cookies know no ports: two clouds on this machine must not take each other's. */
  cookieName(what: 'session' | 'csrf'): string;
}

/** Cognito's. */
const longestUsername = 128;
const tooLong = `A username has at most ${longestUsername} characters.`;

/** `/oauth2/authorize`: whoever is known in this browser goes on at once, others sign in first. */
export function authorize({ query, cookies }: WebRequest, parts: BrowserParts): WebAnswer {
  const asked = authorizationOf(query, parts.pools);
  if (asked.kind === 'refused') return faultPage(asked.reason);
  if (asked.kind === 'sent-back') return redirect(asked.location);
  const { authorization } = asked;
  const known = parts.sessions.find(cookies.get(parts.cookieName('session')), authorization.pool);
  if (known !== undefined && authorization.prompt !== 'login') {
    return sentOn(authorization, known.user, known.authTime, parts);
  }
  if (authorization.prompt === 'none') {
    return redirect(back(authorization.redirectUri, { error: 'login_required', state: authorization.state }));
  }
  return redirect(`/login?${query}`);
}

/** `/login`: shows the form, and takes it. */
export async function login(request: WebRequest, parts: BrowserParts): Promise<WebAnswer> {
  const asked = authorizationOf(request.query, parts.pools);
  if (asked.kind === 'refused') return faultPage(asked.reason);
  if (asked.kind === 'sent-back') return redirect(asked.location);
  const { authorization } = asked;
  if (request.method !== 'POST') return form(request, parts, authorization);
  if (!parts.formKeys.fromOwnPage(request.headers)) {
    return faultPage('The form came from another site. Nobody was signed in.');
  }
  const fields = formOf(request);
  if (fields === undefined) return faultPage('The form did not arrive as the page sends it.');
  const kept = request.cookies.get(parts.cookieName('csrf'));
  // The page of somebody else can send this form, and may even set a cookie, but cannot make what belongs to it.
  if (!parts.formKeys.fits(fields.get('_csrf') ?? '', kept)) {
    return form(request, parts, authorization, 'This page was open for too long. Please sign in again.');
  }
  const session = fields.get('session');
  if (session !== null) return newPassword(request, parts, authorization, fields, session);
  const username = (fields.get('username') ?? '').trim();
  if (username.length > longestUsername) return form(request, parts, authorization, tooLong, '');
  const outcome = await parts.people.signIn(authorization.pool, username, fields.get('password') ?? '');
  switch (outcome.kind) {
    case 'refused':
      return form(request, parts, authorization, problemOf(outcome), username);
    case 'new-password': {
      const begun = parts.people.challenges.begin(authorization.client.clientId, outcome.user);
      return passwordForm(request, parts, authorization, username, begun);
    }
    case 'signed-in':
      return signedIn(authorization, outcome.user, parts);
  }
}

/** `/logout`: forgets the browser, and leads to where the app may send people. */
export function logout({ query, cookies }: WebRequest, parts: BrowserParts): WebAnswer {
  const client = parts.pools.findClient(query.get('client_id') ?? '');
  if (client === undefined) return faultPage('No app has this client_id.');
  const forgotten = [cookie(parts.cookieName('session'), 'gone', 0)];
  const destination = query.get('logout_uri');
  if (destination !== null) {
    if (!client.people.logoutUrls.includes(destination)) {
      return faultPage('The logout_uri is none that was agreed with this app, to the letter.');
    }
    parts.sessions.end(cookies.get(parts.cookieName('session')));
    return redirect(destination, forgotten);
  }
  const asked = authorizationOf(query, parts.pools);
  if (asked.kind === 'refused') return faultPage('Neither logout_uri nor a redirect_uri of this app says where to go.');
  parts.sessions.end(cookies.get(parts.cookieName('session')));
  return redirect(asked.kind === 'sent-back' ? asked.location : `/login?${query}`, forgotten);
}

/** One text for a name that nobody has and a wrong password. */
function problemOf({ reason }: SignIn & { readonly kind: 'refused' }): string {
  switch (reason) {
    case 'unknown':
    case 'wrong':
      return 'Incorrect username or password.';
    case 'locked':
      return 'Too many attempts. Wait a little, then try again.';
    case 'disabled':
      return 'This person may not sign in any more.';
    case 'password-expired':
      return 'This password was for a first sign-in and has expired. Ask whoever gave it to you for a new one.';
  }
}

function form(
  request: WebRequest,
  parts: BrowserParts,
  { redirectUri }: Authorization,
  problem?: string,
  username = hintOf(request),
): WebAnswer {
  const { host, protocol } = new URL(redirectUri);
  const destination = protocol.startsWith('http') ? host : `${protocol}//`;
  return signInPage({ ...formParts(request, parts), problem, username, destination });
}

function hintOf({ query }: WebRequest): string {
  const hint = query.get('login_hint') ?? '';
  return hint.length > longestUsername ? '' : hint;
}

function passwordForm(
  request: WebRequest,
  parts: BrowserParts,
  { pool }: Authorization,
  username: string,
  session: string,
  problem?: string,
): WebAnswer {
  const minimumLength = pool.passwordPolicy.MinimumLength;
  return newPasswordPage({ ...formParts(request, parts), username, session, minimumLength, problem });
}

/** A browser keeps its token, so that two open pages do not disturb each other. */
function formParts({ query, cookies }: WebRequest, parts: BrowserParts) {
  const name = parts.cookieName('csrf');
  const kept = parts.formKeys.kept(cookies.get(name));
  return { action: `/login?${query}`, csrf: parts.formKeys.of(kept), cookies: [cookie(name, kept, sessionSeconds)] };
}

async function newPassword(
  request: WebRequest,
  parts: BrowserParts,
  authorization: Authorization,
  fields: URLSearchParams,
  session: string,
): Promise<WebAnswer> {
  const { people } = parts;
  const waiting = people.challenges.find(session, authorization.client.clientId);
  const user = waiting === undefined ? undefined : people.users.find(authorization.pool, waiting.username);
  if (user === undefined || user.sub !== waiting?.sub) {
    return form(request, parts, authorization, 'This took too long. Please sign in again.');
  }
  const password = fields.get('new_password') ?? '';
  const differ = password !== fields.get('new_password_again') ? 'The two are not the same.' : undefined;
  const problem = differ ?? passwordFault(password, authorization.pool.passwordPolicy);
  if (problem !== undefined) return passwordForm(request, parts, authorization, user.username, session, problem);
  people.challenges.end(session);
  return signedIn(authorization, await people.setPassword(authorization.pool, user, password), parts);
}

function signedIn(authorization: Authorization, user: User, parts: BrowserParts): WebAnswer {
  const authTime = parts.people.seconds();
  const session = parts.sessions.begin(user, authTime);
  return sentOn(authorization, user, authTime, parts, [cookie(parts.cookieName('session'), session, sessionSeconds)]);
}

function sentOn(
  authorization: Authorization,
  user: User,
  authTime: number,
  { codes }: BrowserParts,
  cookies: readonly string[] = [],
): WebAnswer {
  const code = codes.issue(authorization, user, authTime);
  return redirect(back(authorization.redirectUri, { code, state: authorization.state }), cookies);
}
