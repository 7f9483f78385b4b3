import { z } from 'zod';
import { passwordFault } from '../people/password.ts';
import type { PoolClient, UserPool } from '../user-pool.ts';
import { apiScope, authenticated, clientOf } from './client.ts';
import { newPasswordChallenge, respondToAuthChallenge } from './new-password.ts';
import { type IdpOperation, type IdpParts, openOperation } from './operation.ts';
import { accessTokenRefusal, invalidParameter, notAuthorized, refusal, signInRefusal } from './refusals.ts';
import { attributeList } from './user-document.ts';

const token = z.string().min(1);
const noMetadata = {
  ClientMetadata: z.record(z.string(), z.string()).optional(),
  AnalyticsMetadata: z.unknown().optional(),
  UserContextData: z.unknown().optional(),
};

const initiateAuth = openOperation(
  z.strictObject({
    AuthFlow: z.string(),
    ClientId: z.string(),
    AuthParameters: z.record(z.string(), z.string()).default({}),
    ...noMetadata,
  }),
  async ({ AuthFlow, ClientId, AuthParameters }, parts) => {
    const { client, pool } = clientOf(ClientId, parts);
    switch (AuthFlow) {
      case 'USER_PASSWORD_AUTH':
        requireFlow(client, AuthFlow);
        return withPassword(AuthParameters, client, pool, parts);
      case 'REFRESH_TOKEN_AUTH':
      case 'REFRESH_TOKEN':
        requireFlow(client, 'REFRESH_TOKEN_AUTH');
        return withRefreshToken(AuthParameters, client, pool, parts);
      default:
        throw invalidParameter(`The local cloud does not know the flow ${AuthFlow}.`);
    }
  },
);

async function withPassword(
  given: Readonly<Record<string, string>>,
  client: PoolClient,
  pool: UserPool,
  parts: IdpParts,
): Promise<object> {
  const { USERNAME, PASSWORD } = given;
  if (USERNAME === undefined) throw invalidParameter('Missing required parameter USERNAME');
  if (PASSWORD === undefined) throw invalidParameter('Missing required parameter PASSWORD');
  const outcome = await parts.people.signIn(pool, USERNAME, PASSWORD);
  switch (outcome.kind) {
    case 'refused':
      throw signInRefusal(outcome, client.people.hidesUsers);
    case 'new-password':
      return newPasswordChallenge(client, outcome.user, parts);
    case 'signed-in': {
      const tokens = await parts.people.begin(pool, client, outcome.user, { scope: apiScope });
      return authenticated(tokens, tokens.refreshToken);
    }
  }
}

async function withRefreshToken(
  given: Readonly<Record<string, string>>,
  client: PoolClient,
  pool: UserPool,
  { people }: IdpParts,
): Promise<object> {
  const { REFRESH_TOKEN } = given;
  if (REFRESH_TOKEN === undefined) throw invalidParameter('Missing required parameter REFRESH_TOKEN');
  const tokens = await people.refresh(pool, client, REFRESH_TOKEN);
  switch (tokens) {
    case 'unknown':
      throw notAuthorized('Invalid Refresh Token');
    case 'expired':
      throw notAuthorized('Refresh Token has expired');
    case 'disabled':
      throw notAuthorized('User is disabled.');
    default:
      return authenticated(tokens);
  }
}

function requireFlow({ people }: PoolClient, flow: string): void {
  if (people.authFlows.includes(`ALLOW_${flow}`)) return;
  throw invalidParameter(`${flow} flow not enabled for this client`);
}

const revokeToken = openOperation(
  z.strictObject({ Token: token, ClientId: z.string(), ClientSecret: z.string().optional() }),
  async ({ Token, ClientId }, parts) => {
    const { client } = clientOf(ClientId, parts);
    if (!client.people.revocation) {
      throw refusal('UnsupportedOperationException', 'Token revocation is not enabled for this client');
    }
    const found = parts.people.grants.byRefreshToken(Token);
    // An unknown token is as good as revoked (RFC 7009, section 2.2).
    if (found.kind === 'refused') return {};
    if (found.grant.clientId !== ClientId) {
      throw refusal('UnauthorizedException', 'The token was issued to another client');
    }
    parts.people.grants.end(found.grant.grantId);
    return {};
  },
);

const withAccessToken = z.strictObject({ AccessToken: token });

const getUser = openOperation(withAccessToken, async ({ AccessToken }, parts) => {
  const { user } = await personOf(AccessToken, parts);
  return { Username: user.username, UserAttributes: attributeList(user) };
});

const globalSignOut = openOperation(withAccessToken, async ({ AccessToken }, parts) => {
  const { user } = await personOf(AccessToken, parts);
  parts.people.grants.endAllOf(user);
  return {};
});

const changePassword = openOperation(
  z.strictObject({ AccessToken: token, PreviousPassword: z.string(), ProposedPassword: z.string() }),
  async ({ AccessToken, PreviousPassword, ProposedPassword }, parts) => {
    const { pool, user } = await personOf(AccessToken, parts);
    const fault = passwordFault(ProposedPassword, pool.passwordPolicy);
    if (fault !== undefined) {
      throw refusal('InvalidPasswordException', `Password did not conform with policy: ${fault}`);
    }
    const outcome = await parts.people.signIn(pool, user.username, PreviousPassword);
    if (outcome.kind === 'refused') {
      if (outcome.reason === 'locked') throw refusal('LimitExceededException', 'Attempt limit exceeded');
      throw signInRefusal(outcome, true);
    }
    await parts.people.setPassword(pool, outcome.user, ProposedPassword);
    return {};
  },
);

async function personOf(accessToken: string, { people }: IdpParts) {
  const shown = await people.tokens.shown(accessToken);
  if (shown.kind === 'refused') throw accessTokenRefusal(shown);
  if (!shown.scopes.includes(apiScope)) throw notAuthorized('Access Token does not have required scopes');
  return shown;
}

export const personOperations: Readonly<Record<string, IdpOperation>> = {
  InitiateAuth: initiateAuth,
  RespondToAuthChallenge: respondToAuthChallenge,
  RevokeToken: revokeToken,
  GetUser: getUser,
  GlobalSignOut: globalSignOut,
  ChangePassword: changePassword,
};
