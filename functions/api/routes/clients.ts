import * as z from 'zod/mini';
import type { ClientStanding } from '#shared/access/standing-service.ts';
import { pathAlone } from '../route.ts';
import { as, instant, isoTime } from '../schemas.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';

const tag = 'Clients';

// As Cognito and most issuers make them; nothing that could be another key.
const clientIdText = as(z.string().check(z.regex(/^[A-Za-z0-9_.-]{1,128}$/)), {
  description: 'The client’s id at the issuer of its tokens',
});
const onePath = z.object({ clientId: clientIdText });

const count = (description: string) => as(z.int().check(z.gte(0)), { description });

const standingSchema = as(
  z.object({
    clientId: z.string(),
    quota: z.object({
      rate: as(z.number(), { description: 'Requests a second, for ever' }),
      burst: as(z.number(), { description: 'Requests at once, after a rest' }),
    }),
    remaining: count('Requests that the quota allows at once now, at least'),
    conduct: as(
      z.object({
        since: instant(),
        requests: count('Requests'),
        ignored: count('Sent although the client had been told to wait'),
        nonsense: count('Answered 4xx for what they were'),
      }),
      { description: 'Of the last minute or less, a little late' },
    ),
    state: as(z.enum(['closed', 'open', 'half-open']), {
      description: '`closed`: let in; `open`: shut out; `half-open`: let in again, and watched closely',
    }),
    shutOut: z.exactOptional(
      as(
        z.object({
          reason: as(z.enum(['quota-ignored', 'nonsense']), {
            description: '`quota-ignored`: kept asking without waiting; `nonsense`: hardly any request could succeed',
          }),
          since: instant(),
          until: instant(),
          times: as(z.int(), { description: 'In a row; each lasts twice as long' }),
        }),
        { description: 'The last time, if that was not long ago' },
      ),
    ),
  }),
  { id: 'ClientStanding' },
);

const example: z.infer<typeof standingSchema> = {
  clientId: '4k3jd8s7fh2n5q9w1e6r0t2y4u',
  quota: { rate: 100, burst: 200 },
  remaining: 200,
  conduct: { since: '2026-11-21T08:30:00.000Z', requests: 41_000, ignored: 33_000, nonsense: 12 },
  state: 'open',
  shutOut: {
    reason: 'quota-ignored',
    since: '2026-11-21T08:30:41.000Z',
    until: '2026-11-21T08:31:41.000Z',
    times: 1,
  },
};

function viewOf({ conduct, shutOut, ...rest }: ClientStanding): z.infer<typeof standingSchema> {
  return {
    ...rest,
    conduct: { ...conduct, since: isoTime(conduct.since) },
    ...(shutOut !== undefined && {
      shutOut: { ...shutOut, since: isoTime(shutOut.since), until: isoTime(shutOut.until) },
    }),
  };
}

const getStanding = route({
  ...{ method: 'GET', path: '/v1/clients/{clientId}/standing', operationId: 'getClientStanding', tag },
  summary: 'How a client keeps to its quota, and whether it is shut out',
  scopes: ['manage_clients'],
  pathSchema: onePath,
  ...pathAlone,
  replies: { 200: { description: 'Its standing', schema: standingSchema, example } },
  problems: ['client-not-found'],
  async handle({ path }, { standings }) {
    return { status: 200, body: viewOf(await standings.of(path.clientId)) };
  },
});

const readmit = route({
  ...{ method: 'POST', path: '/v1/clients/{clientId}/readmission', operationId: 'readmitClient', tag },
  summary: 'Let a client in again that was shut out',
  description:
    'Nothing is held against it any more. It may take some seconds until it is let in everywhere. A token with ' +
    'the scope of this operation is itself never shut out; it only has its quota.',
  scopes: ['manage_clients'],
  audit: 'client.readmit',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'Its standing',
      schema: standingSchema,
      example: { ...example, state: 'closed', conduct: { ...example.conduct, requests: 0, ignored: 0, nonsense: 0 } },
    },
  },
  problems: ['client-not-found'],
  async permit() {},
  async handle({ path }, { standings }) {
    return { status: 200, body: viewOf(await standings.readmit(path.clientId)) };
  },
});

export const clientRoutes: readonly VehicleRoute[] = [getStanding, readmit];
