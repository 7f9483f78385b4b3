import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '#local/tour/api-client.ts';
import { signIn } from '#local/tour/sign-in.ts';
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
