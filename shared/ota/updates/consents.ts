import type { PersonId } from '../../access/person.ts';
import type { Consent, Update } from './update.ts';

export function consentedBy({ state }: Pick<Update, 'state'>, personId: PersonId): boolean {
  return 'consent' in state && state.consent.personId === personId;
}

/** That somebody consented stays; who it was goes. */
export function withoutPerson(update: Update): Update {
  const { state } = update;
  if (!('consent' in state)) return update;
  return { ...update, state: { ...state, consent: anonymous(state.consent) }, version: update.version + 1 };
}

export function anonymous({ personId: _, ...rest }: Consent): Consent {
  return rest;
}
