import * as z from 'zod/mini';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { described } from '../schemas.ts';
import { personRoute, type VehicleRoute } from '../vehicle-route.ts';

const personSchema = z.object({ personId: z.string(), username: z.string() });
described.add(personSchema, { id: 'Person' });
described.add(personSchema.shape.personId, {
  description: 'Opaque and for ever, whatever the person is called: the `sub` of their tokens',
});
described.add(personSchema.shape.username, { description: 'What the person signs in with (personal data)' });

/** Who asks, as the API understood it. */
export const meRoutes: readonly VehicleRoute[] = [
  personRoute({
    ...{ method: 'GET', path: '/v1/me', operationId: 'getMe', tag: 'Persons' },
    summary: 'See as whom you have signed in',
    ...{ pathSchema: z.object({}), querySchema: noQuery, headerSchema: noHeaders, body: noBody },
    replies: {
      200: {
        description: 'The person whose token it is',
        schema: personSchema,
        example: { personId: '3f1c2b5e-8a7d-4c09-9d51-2e6f70b1a4c8', username: 'driver' },
      },
    },
    async handle({ person: { personId, username } }) {
      return { status: 200, body: { personId, username }, headers: { 'cache-control': 'no-store' } };
    },
  }),
];
