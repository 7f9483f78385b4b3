import { z } from 'zod';
import { passwordFault } from '../people/password.ts';
import type { User } from '../people/users.ts';
import type { PoolClient } from '../user-pool.ts';
import { apiScope, authenticated, clientOf } from './client.ts';
import { type IdpParts, openOperation } from './operation.ts';
import { invalidParameter, notAuthorized, refusal } from './refusals.ts';

/** The password was right, and somebody else's choice. */
export function newPasswordChallenge({ clientId }: PoolClient, user: User, { people }: IdpParts): object {
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: people.challenges.begin(clientId, user),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: '[]',
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}

export const respondToAuthChallenge = openOperation(
  z.strictObject({
    ChallengeName: z.string(),
    ClientId: z.string(),
    Session: z.string().optional(),
    ChallengeResponses: z.record(z.string(), z.string()).default({}),
    ClientMetadata: z.record(z.string(), z.string()).optional(),
  }),
  async ({ ChallengeName, ClientId, Session, ChallengeResponses }, parts) => {
    if (ChallengeName !== 'NEW_PASSWORD_REQUIRED') {
      throw invalidParameter(`The local cloud does not know the challenge ${ChallengeName}.`);
    }
    const { client, pool } = clientOf(ClientId, parts);
    const { NEW_PASSWORD, USERNAME } = ChallengeResponses;
    if (Session === undefined) throw invalidParameter('Missing required parameter Session');
    if (NEW_PASSWORD === undefined) throw invalidParameter('Missing required parameter NEW_PASSWORD');
    const user = parts.people.challenges.find(Session, ClientId);
    const present = user === undefined ? undefined : parts.people.users.find(pool, user.username);
    if (present === undefined || present.sub !== user?.sub || USERNAME !== present.username) {
      throw notAuthorized('Invalid session for the user.');
    }
    const fault = passwordFault(NEW_PASSWORD, pool.passwordPolicy);
    if (fault !== undefined) {
      throw refusal('InvalidPasswordException', `Password does not conform to policy: ${fault}`);
    }
    parts.people.challenges.end(Session);
    const confirmed = await parts.people.setPassword(pool, present, NEW_PASSWORD);
    const tokens = await parts.people.begin(pool, client, confirmed, { scope: apiScope });
    return authenticated(tokens, tokens.refreshToken);
  },
);
