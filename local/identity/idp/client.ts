import type { TokenSet } from '../people/person-tokens.ts';
import type { PoolClient, UserPool } from '../user-pool.ts';
import type { IdpParts } from './operation.ts';
import { notAuthorized, refusal } from './refusals.ts';

/** All that a token from a sign-in without the browser carries. */
export const apiScope = 'aws.cognito.signin.user.admin';

/** The public client that asks. */
export function clientOf(clientId: string, { pools }: IdpParts): { client: PoolClient; pool: UserPool } {
  const client = pools.findClient(clientId);
  if (client === undefined) {
    throw refusal('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
  }
  if (client.clientSecret !== undefined) {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
  }
  return { client, pool: pools.pool(client.poolId) };
}

/** As it stands in the answer to every sign-in that succeeded. */
export function authenticated({ accessToken, idToken, expiresIn }: TokenSet, refreshToken?: string): object {
  return {
    AuthenticationResult: {
      ...{ AccessToken: accessToken, IdToken: idToken, ExpiresIn: expiresIn, TokenType: 'Bearer' },
      ...(refreshToken !== undefined && { RefreshToken: refreshToken }),
    },
    ChallengeParameters: {},
  };
}
