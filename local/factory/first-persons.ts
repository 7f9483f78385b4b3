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
 * Persons to try things with, as an operator would make them (docs/deploy.md). Who was deleted stays deleted; whose
 * password was changed is no longer told.
 *
 * @returns who there still is, whenever it is asked
 */
export async function seededUsers(
  identity: IdentityServer,
  state: State,
  execution: Execution,
): Promise<() => readonly SeededUser[]> {
  const { users } = identity.people;
  const pool = identity.pools.pool(output(execution, 'UserPoolId'));
  const passwords = state.collection<string>('identity/seeded');
  /** Who was made once, by `sub`. */
  const made = state.collection<string>('identity/seeded-once');
  const seeded = new Map<string, SeededUser>();
  users.whenDeleted(({ poolId, sub }) => {
    if (poolId !== pool.poolId) return;
    seeded.delete(sub);
    for (const [name, known] of made.entries()) if (known === sub) passwords.purge(name);
  });
  for (const name of names) {
    const once = made.get(name);
    const present = users.find(pool, name);
    if (once !== undefined && present?.sub !== once) {
      passwords.purge(name);
      continue;
    }
    const password = passwords.get(name) ?? randomPassword();
    passwords.set(name, password);
    const status = 'CONFIRMED';
    const asked = { username: name, status, attributes: { name }, password: await hashOf(password) } as const;
    const known = present ?? users.create(pool, asked);
    if (known === undefined) continue;
    made.set(name, known.sub);
    if (await passwordMatches(password, known.password)) seeded.set(known.sub, { name, username: name, password });
  }
  return () => [...seeded.values()];
}
