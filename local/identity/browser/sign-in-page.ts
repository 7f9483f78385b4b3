import type { WebAnswer } from '../web.ts';
import { page, text } from './page.ts';

export interface FormPage {
  /** Where the form goes: `/login` with all that the app asked for. */
  readonly action: string;
  readonly csrf: string;
  readonly cookies?: readonly string[];
  readonly problem?: string | undefined;
}

export interface SignInPage extends FormPage {
  readonly username: string;
  /** Where the person goes on to. */
  readonly destination: string;
}

/** Name and password, on a page that works without scripts. */
export function signInPage({ action, csrf, cookies = [], problem, username, destination }: SignInPage): WebAnswer {
  const first = username === '' ? ' autofocus' : '';
  const second = username === '' ? '' : ' autofocus';
  const wrong = problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem"';
  const content = `<h1>Sign in</h1>
<p class="soft">to go on to <b>${text(destination)}</b></p>
${alert(problem)}
<form method="post" action="${text(action)}">
<input type="hidden" name="_csrf" value="${text(csrf)}">
<label for="username">Username</label>
<input id="username" name="username" value="${text(username)}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="128"${first}${wrong}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256"${second}${wrong}>
<button type="submit">Sign in</button>
</form>
<footer>A local cloud asks. The names and passwords of its persons stand in <code>cloud.json</code> under <code>identity.users</code>.</footer>`;
  return formPage('Sign in', content, problem, cookies);
}

export interface NewPasswordPage extends FormPage {
  readonly username: string;
  readonly session: string;
  readonly minimumLength: number;
}

/** For whoever signs in with a password that somebody else chose. */
export function newPasswordPage(given: NewPasswordPage): WebAnswer {
  const { action, csrf, cookies = [], problem, username, session, minimumLength } = given;
  const wrong = problem === undefined ? '' : ' aria-invalid="true" aria-describedby="problem rule"';
  const content = `<h1>Choose a password</h1>
<p class="soft" id="rule">The one you have was somebody else’s choice. At least ${minimumLength} characters, with small and capital letters, a digit and a sign.</p>
${alert(problem)}
<form method="post" action="${text(action)}">
<input type="hidden" name="_csrf" value="${text(csrf)}">
<input type="hidden" name="session" value="${text(session)}">
<input type="hidden" name="username" value="${text(username)}" autocomplete="username">
<label for="new">New password</label>
<input id="new" name="new_password" type="password" autocomplete="new-password" required minlength="${minimumLength}" maxlength="256" autofocus${wrong || ' aria-describedby="rule"'}>
<label for="again">The same again</label>
<input id="again" name="new_password_again" type="password" autocomplete="new-password" required maxlength="256"${wrong}>
<button type="submit">Save and sign in</button>
</form>`;
  return formPage('Choose a password', content, problem, cookies);
}

function alert(problem: string | undefined): string {
  return problem === undefined ? '' : `<p class="alert" role="alert" id="problem">${text(problem)}</p>`;
}

function formPage(title: string, content: string, problem: string | undefined, cookies: readonly string[]): WebAnswer {
  // A reader hears of the fault first when the page has loaded again.
  if (problem === undefined) return page({ title, content, cookies });
  return page({ title: `Error: ${title}`, content, status: 400, cookies });
}
