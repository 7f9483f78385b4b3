import type { PeopleApp, SeededUser } from '#local/cloud-file.ts';
import type { IdentityServer } from '#local/identity/identity-server.ts';
import { hashOf, passwordMatches, randomPassword } from '#local/identity/people/password.ts';
import type { State } from '#local/state/collection.ts';
import type { Execution } from '#local/template/executor.ts';
import { output } from './first-steps.ts';

/** Roles of the story, not people. */
const names = ['driver', 'second-driver'] as const;

/** The app, with one more address where its sign-in may lead: the local cloud's own page, whatever its port. */
export function peopleApp(identity: IdentityServer, execution: Execution): PeopleApp {
  const clientId = output(execution, 'AppClientId');
  const redirectUri = identity.signedInUrl;
  identity.pools.allowCallback(clientId, redirectUri);
  return { clientId, authorizeUrl: identity.authorizeUrl, redirectUri };
}

/**
 * Persons to try things with, as an operator would make them (docs/deploy.md). Who was deleted comes back as somebody
 * new; whose password was changed is no longer told.
 */
export async function seededUsers(
  identity: IdentityServer,
  state: State,
  execution: Execution,
): Promise<readonly SeededUser[]> {
  const { users } = identity.people;
  const pool = identity.pools.pool(output(execution, 'UserPoolId'));
  const passwords = state.collection<string>('identity/seeded');
  const seeded: SeededUser[] = [];
  for (const name of names) {
    const password = passwords.get(name) ?? randomPassword();
    passwords.set(name, password);
    const known =
      users.find(pool, name) ??
      users.create(pool, {
        ...{ username: name, status: 'CONFIRMED', attributes: { name } },
        password: await hashOf(password),
      });
    if (await passwordMatches(password, known?.password)) seeded.push({ name, username: name, password });
  }
  return seeded;
}
