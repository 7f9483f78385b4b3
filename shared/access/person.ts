import type { Instant } from '../kernel/clock.ts';

/** Opaque and for ever: the `sub` of a person's tokens. Who it was stands in the user pool alone. */
export type PersonId = string & { readonly personId: unique symbol };

const personIdPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isPersonId(text: string): text is PersonId {
  return personIdPattern.test(text);
}

/** A person who has signed in. */
export interface Person {
  readonly personId: PersonId;
  /** What the person signs in with. Personal data. */
  readonly username: string;
  /** When they last proved who they are; a token that was renewed keeps the time of its sign-in. */
  readonly signedInAt: Instant;
  /** The app through which they came. */
  readonly clientId: string;
}

/** One of them is in every access token of a person, whichever way they signed in; none in a machine's. */
export const personScopes = ['openid', 'aws.cognito.signin.user.admin'] as const;
