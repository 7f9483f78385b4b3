import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminUserGlobalSignOutCommand,
  type CognitoIdentityProviderClient,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider';
import type { PersonId } from '#shared/access/person.ts';
import type { ErasedCategory, Erasure } from '#shared/erasure/erasure.ts';
import type { ErasureStep, Found } from '#shared/erasure/erasure-work.ts';

interface PoolUser {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** The persons in the user pool. Where a username is no alias, Cognito takes the `sub` of a person in its place. */
export class CognitoPersons {
  readonly #client: CognitoIdentityProviderClient;
  readonly #pool: string;

  constructor(client: CognitoIdentityProviderClient, pool: string) {
    this.#client = client;
    this.#pool = pool;
  }

  async usernameOf(personId: PersonId): Promise<string | undefined> {
    const user = await ifThere(this.#client.send(new AdminGetUserCommand(this.#user(personId))));
    return user?.Username;
  }

  /** Nobody stays signed in: no token is renewed any more. */
  sessions(): ErasureStep {
    return this.#step('sessions', (user) => this.#client.send(new AdminUserGlobalSignOutCommand(user)));
  }

  account(): ErasureStep {
    return this.#step('account', (user) => this.#client.send(new AdminDeleteUserCommand(user)));
  }

  #step(category: ErasedCategory, end: (user: PoolUser) => Promise<unknown>): ErasureStep {
    const find = async ({ subject }: Erasure): Promise<Found> => {
      const isThere = subject.kind === 'person' && (await this.usernameOf(subject.personId)) !== undefined;
      return { keys: isThere ? ['person'] : [] };
    };
    const erase = async ({ subject }: Erasure): Promise<void> => {
      if (subject.kind === 'person') await ifThere(end(this.#user(subject.personId)));
    };
    return { category, where: 'user pool', find, erase };
  }

  #user(Username: PersonId): PoolUser {
    return { UserPoolId: this.#pool, Username };
  }
}

async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UserNotFoundException) return undefined;
    throw error;
  }
}
