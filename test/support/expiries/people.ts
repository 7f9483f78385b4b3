import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
import { Browser } from '../../local/identity/browser.ts';
import { administrator } from '../aws-clients.ts';
import { type Ask, type Make, newVin, outcomeOf, problemOf, type Stage, statusOf } from './stage.ts';

/** What machines and persons show who they are with. */
export const ofPeople: Readonly<Record<string, Make>> = {
  async 'the token of a machine'(stage) {
    const token = await stage.operator.token();
    const client = new ApiClient(stage.file, async () => token);
    return async () => statusOf(200, (await client.get('/v1/vehicles')).status);
  },
  async 'the token of a person'(stage) {
    const driver = await stage.person('driver');
    return async () => statusOf(200, (await driver.get('/v1/me')).status);
  },
  async 'what renews a person’s token'(stage) {
    const { refreshToken } = await signIn(stage.file, 'driver');
    return () =>
      cognito(stage, (client) =>
        client.send(
          new InitiateAuthCommand({
            ...{ AuthFlow: 'REFRESH_TOKEN_AUTH', ClientId: stage.file.identity.app.clientId },
            AuthParameters: { REFRESH_TOKEN: refreshToken },
          }),
        ),
      );
  },
  async 'the code with which a browser comes back'(stage) {
    const [first, second] = [await arrival(stage), await arrival(stage)];
    const used = async ({ browser, url }: Arrival) => statusOf(200, (await browser.open(url)).status);
    return [() => used(first), () => used(second), () => used(second)];
  },
  async 'a browser in which somebody has signed in'(stage) {
    const { browser } = await arrival(stage);
    return async () => {
      const { url } = await browser.follow(new URL('/', stage.file.identity.app.authorizeUrl).href);
      return url.includes('code=') ? 'good' : 'asked for the password';
    };
  },
  async 'a first password, which has to be changed'(stage) {
    const { began } = await newcomer(stage);
    return began;
  },
  async 'the time to change a first password'(stage) {
    const [first, second] = [await newcomer(stage), await newcomer(stage)];
    const [early, late] = [await first.changing(), await second.changing()];
    return [early, late, late];
  },
  async 'a sign-in that is fresh enough to be erased by'(stage) {
    const somebody = async () => {
      const user = await stage.scene.journey.administrator.makePerson(`leaves-${newVin()}`);
      const { accessToken } = await signIn(stage.file, user);
      const person = new ApiClient(stage.file, async () => accessToken);
      return async () => problemOf(await person.post('/v1/me/erasure', undefined));
    };
    const [first, second] = [await somebody(), await somebody()];
    return [first, second, second];
  },
};

interface Arrival {
  readonly browser: Browser;
  readonly url: string;
}

/** As far as the page that takes the code, which is not opened. */
async function arrival({ file }: Stage): Promise<Arrival> {
  const { app, users } = file.identity;
  const browser = new Browser();
  const { url, response } = await browser.follow(new URL('/', app.authorizeUrl).href);
  const { username = '', password = '' } = users[0] ?? {};
  const sent = await browser.submit(url, await response.text(), { username, password });
  return { browser, url: sent.headers.get('location') ?? '' };
}

/** Somebody whose password another one chose. */
async function newcomer(stage: Stage) {
  const { app, issuer } = stage.file.identity;
  const USERNAME = `new-${newVin()}`;
  const PASSWORD = 'Chosen-by-another-1';
  const user = { UserPoolId: issuer.split('/').at(-1), Username: USERNAME, TemporaryPassword: PASSWORD };
  await cognito(stage, (client) => client.send(new AdminCreateUserCommand(user)));
  const asked = { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD } } as const;
  const begin = (client: CognitoIdentityProviderClient) =>
    client.send(new InitiateAuthCommand({ ...asked, ClientId: app.clientId }));
  return {
    began: () => cognito(stage, begin),
    async changing(): Promise<Ask> {
      let Session: string | undefined;
      await cognito(stage, async (client) => {
        ({ Session } = await begin(client));
      });
      const answers = { USERNAME, NEW_PASSWORD: 'Chosen-by-oneself-1' };
      const change = { ChallengeName: 'NEW_PASSWORD_REQUIRED', ChallengeResponses: answers } as const;
      return () =>
        cognito(stage, (client) =>
          client.send(new RespondToAuthChallengeCommand({ ...change, ClientId: app.clientId, Session })),
        );
    },
  };
}

function cognito({ file }: Stage, call: (client: CognitoIdentityProviderClient) => Promise<unknown>): Promise<string> {
  return outcomeOf(new CognitoIdentityProviderClient(administrator(file)), call);
}
