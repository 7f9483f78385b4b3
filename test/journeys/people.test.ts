import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  GetUserCommand,
  InitiateAuthCommand,
  ListGroupsCommand,
  ListUsersCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { Browser } from '../local/identity/browser.ts';
import { administrator } from '../support/aws-clients.ts';
import { type JourneyCloud, openCloud, startTimeout } from '../support/journey-cloud.ts';

let home: JourneyCloud;
beforeAll(async () => {
  home = await openCloud();
}, startTimeout);
afterAll(() => home.close());

test('a person who has signed in is known to the API by an id that is not their name', async () => {
  const { status, body } = await home.journey.person('driver').get('/v1/me');
  const { sub } = decodeJwt(await home.journey.person('driver').token());
  expect({ status, body }).toEqual({ status: 200, body: { personId: sub, username: 'driver' } });
  expect(sub).toMatch(/^[0-9a-f-]{36}$/);
});

test('a machine’s token opens nothing that is meant for persons', async () => {
  const { status, body } = await home.journey.operator.get('/v1/me');
  expect({ status, body }).toMatchObject({ status: 403, body: { type: '/docs#problem-person-token-needed' } });
});

test('a person’s token opens nothing that is meant for partners’ systems', async () => {
  const { status, body } = await home.journey.person('driver').get('/v1/vehicles');
  expect({ status, body }).toMatchObject({ status: 403, body: { type: '/docs#problem-client-token-needed' } });
});

test('an identity token is no access token', async () => {
  const { idToken } = await signIn(home.cloud.file, 'driver');
  const { status } = await new ApiClient(home.cloud.file, async () => idToken).get('/v1/me');
  expect(status).toBe(401);
});

describe('the browser', () => {
  test('leads from the start page through the sign-in to a token that the API takes', async () => {
    const { identity, api } = home.cloud.file;
    const browser = new Browser();
    const { url, response } = await browser.follow(new URL('/', identity.app.authorizeUrl).href);
    const driver = personNamed('second-driver');
    const sent = await browser.submit(url, await response.text(), driver);
    const arrived = sent.headers.get('location') ?? '';
    expect(arrived.startsWith(`${identity.app.redirectUri}?`)).toBe(true);
    const page = await (await browser.open(arrived)).text();
    const [, token = ''] = /PERSON=([^\s<]+)/.exec(page) ?? [];
    expect(page).toContain(`${api.baseUrl}/v1/me`);
    const { status, body } = await new ApiClient(home.cloud.file, async () => token).get('/v1/me');
    expect([status, body]).toMatchObject([200, { username: 'second-driver' }]);
    expect((await browser.open(arrived)).status).toBe(400);
  });
});

describe('Cognito’s own SDK', () => {
  const people = () =>
    new CognitoIdentityProviderClient({ region: home.cloud.file.region, endpoint: home.cloud.file.aws.endpoint });
  const operator = () => new CognitoIdentityProviderClient(administrator(home.cloud.file));
  const byPassword = (username: string, password: string) =>
    people().send(
      new InitiateAuthCommand({
        ...{ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: home.cloud.file.identity.app.clientId },
        AuthParameters: { USERNAME: username, PASSWORD: password },
      }),
    );
  const pool = () => ({ UserPoolId: home.cloud.file.identity.issuer.split('/').at(-1) ?? '' });

  test('signs a person in without a key of AWS, renews and revokes', async () => {
    const { username, password } = personNamed('driver');
    const ClientId = home.cloud.file.identity.app.clientId;
    const { AuthenticationResult: first = {} } = await byPassword(username, password);
    expect(decodeJwt(first.AccessToken ?? '')).toMatchObject({
      ...{ scope: 'aws.cognito.signin.user.admin', username, client_id: ClientId, token_use: 'access' },
    });
    const AuthParameters = { REFRESH_TOKEN: first.RefreshToken ?? '' };
    const renew = new InitiateAuthCommand({ AuthFlow: 'REFRESH_TOKEN_AUTH', ClientId, AuthParameters });
    const { AuthenticationResult: second = {} } = await people().send(renew);
    expect(second).toMatchObject({ AccessToken: expect.any(String), TokenType: 'Bearer', ExpiresIn: 3600 });
    const get = new GetUserCommand({ AccessToken: second.AccessToken });
    expect(await people().send(get)).toMatchObject({ Username: 'driver' });
    await people().send(new RevokeTokenCommand({ Token: first.RefreshToken, ClientId }));
    await expect(people().send(renew)).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await expect(people().send(get)).rejects.toMatchObject({ message: 'Access Token has been revoked' });
  });

  test.each([
    ['a wrong password', 'driver', 'NotAuthorizedException'],
    ['a name that nobody has', 'nobody', 'NotAuthorizedException'],
  ])('is refused with %s, in the same words', async (_, username, name) => {
    const refused = byPassword(username, 'wrong');
    await expect(refused).rejects.toMatchObject({ name, message: 'Incorrect username or password.' });
  });

  test('makes a person who has to choose a password first, and takes them out again', async () => {
    const Username = 'third-driver';
    const user = { ...pool(), Username };
    const made = await operator().send(new AdminCreateUserCommand({ ...user, TemporaryPassword: 'Temporary-pass-1' }));
    expect(made.User).toMatchObject({ Username, UserStatus: 'FORCE_CHANGE_PASSWORD', Enabled: true });
    const challenge = await byPassword(Username, 'Temporary-pass-1');
    expect(challenge).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: expect.any(String) });
    const chosen = await people().send(
      new RespondToAuthChallengeCommand({
        ...{ ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: challenge.Session },
        ClientId: home.cloud.file.identity.app.clientId,
        ChallengeResponses: { USERNAME: Username, NEW_PASSWORD: 'Chosen-by-me-1' },
      }),
    );
    const AccessToken = chosen.AuthenticationResult?.AccessToken ?? '';
    await people().send(
      new ChangePasswordCommand({
        ...{ AccessToken, PreviousPassword: 'Chosen-by-me-1', ProposedPassword: 'Chosen-again-2' },
      }),
    );
    await expect(byPassword(Username, 'Chosen-by-me-1')).rejects.toThrow('Incorrect');
    expect(await operator().send(new AdminGetUserCommand(user))).toMatchObject({ UserStatus: 'CONFIRMED' });
    await operator().send(new AdminDisableUserCommand(user));
    await expect(byPassword(Username, 'Chosen-again-2')).rejects.toThrow('User is disabled.');
    await operator().send(new AdminEnableUserCommand(user));
    await operator().send(new AdminDeleteUserCommand(user));
    await expect(operator().send(new AdminGetUserCommand(user))).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
    const { Users = [] } = await operator().send(new ListUsersCommand(pool()));
    expect(Users.map((each) => each.Username)).toEqual(['driver', 'second-driver']);
    // The API looks at the signature alone, as on AWS: a token outlives its person until it expires.
    const { status } = await new ApiClient(home.cloud.file, async () => AccessToken).get('/v1/me');
    expect(status).toBe(200);
    await expect(people().send(new GetUserCommand({ AccessToken }))).rejects.toMatchObject({
      name: 'UserNotFoundException',
    });
  });

  test('needs a key for what an administrator does, and is told what is not there', async () => {
    const unsigned = await fetch(home.cloud.file.aws.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.ListUsers' },
      body: JSON.stringify(pool()),
    });
    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
    const srp = new InitiateAuthCommand({ AuthFlow: 'USER_SRP_AUTH', ClientId: home.cloud.file.identity.app.clientId });
    await expect(people().send(srp)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(operator().send(new ListGroupsCommand(pool()))).rejects.toThrow('has no operation "ListGroups"');
  });
});

function personNamed(name: string) {
  const { username, password } = home.cloud.file.identity.users.find((user) => user.name === name) ?? {};
  if (username === undefined || password === undefined) throw new Error(`There is no person "${name}".`);
  return { username, password };
}
