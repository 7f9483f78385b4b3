import { Failure } from '../kernel/failure.ts';
import type { Caller } from './caller.ts';
import type { Person, PersonId } from './person.ts';

/** Who asks: a partner's machine or a person. Neither may do what is meant for the other. */
export type Asker = ({ readonly kind: 'client' } & Caller) | ({ readonly kind: 'person' } & Person);

/** Under this name its requests are remembered, counted and written down. */
export function askerId(asker: Asker): string {
  return asker.kind === 'client' ? asker.clientId : personAskerId(asker.personId);
}

export function personAskerId(personId: PersonId): string {
  return `person/${personId}`;
}

export function requireClient(asker: Asker): Caller {
  if (asker.kind === 'client') return asker;
  throw new Failure('forbidden', 'client-token-needed', 'This is for partners’ systems, not for persons.', {
    resolution: 'Ask with a token of a machine client (client credentials).',
  });
}

export function requirePerson(asker: Asker): Person {
  if (asker.kind === 'person') return asker;
  throw new Failure('forbidden', 'person-token-needed', 'This is for a person who has signed in.', {
    resolution: 'Let the person sign in (authorization code with PKCE) and ask with their access token.',
  });
}
