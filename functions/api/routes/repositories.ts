import * as z from 'zod/mini';
import type { Caller } from '#shared/access/caller.ts';
import { Failure } from '#shared/kernel/failure.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as } from '../schemas.ts';
import type { VehicleServices } from '../services.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import {
  pendingExample,
  pendingSchema,
  pendingViewOf,
  repositoryExample,
  repositoryName,
  repositorySchema,
  roleText,
  viewOf,
} from './repository-view.ts';

const tag = 'Releases';
/** Some 1,500 targets; more are delegated. */
const largestMetadata = 1024 * 1024;
const rolePath = z.object({ repository: repositoryName, role: roleText });

const textOfFile = as(z.string(), {
  description:
    'The file as text: `{"signatures": […], "signed": {…}}`. Signatures are over the canonical form of `signed`; Snapshot lists the hash of this very text.',
});

const getRepository = route({
  ...{ method: 'GET', path: '/v1/repositories/{repository}', operationId: 'getRepository', tag },
  summary: 'What a metadata repository has published, and what waits for signatures',
  scopes: ['read_releases'],
  pathSchema: z.object({ repository: repositoryName }),
  ...pathAlone,
  replies: { 200: { description: 'As it is now', schema: repositorySchema, example: repositoryExample } },
  async handle({ path: { repository } }, services) {
    return { status: 200, body: viewOf(repository, await services.repositories.view(repository)) };
  },
});

const getMetadata = route({
  ...{ method: 'GET', path: '/v1/repositories/{repository}/metadata/{role}', operationId: 'getMetadata', tag },
  summary: 'The metadata of a role that is signed offline',
  scopes: ['read_releases'],
  pathSchema: rolePath,
  querySchema: z.strictObject({
    state: as(z._default(z.enum(['published', 'pending']), 'published'), {
      description: '`pending`: the version that waits for signatures, with those it has',
    }),
  }),
  headerSchema: noHeaders,
  body: noBody,
  replies: {
    200: {
      description: 'The file',
      schema: z.object({ text: textOfFile }),
      example: { text: '{"signatures":[],"signed":{}}' },
    },
  },
  problems: ['repository-not-found', 'nothing-pending'],
  async handle({ path: { repository, role }, query: { state } }, services) {
    return { status: 200, body: { text: await services.repositories.text(repository, role, state) } };
  },
});

const submitMetadata = route({
  ...{ method: 'POST', path: '/v1/repositories/{repository}/metadata/{role}', operationId: 'submitMetadata', tag },
  summary: 'Bring metadata that was signed offline',
  description:
    'The next version of the role, with one signature or several. Once enough keys have signed the very same content it is published, under a Snapshot and a Timestamp of the cloud’s own. Root and Targets concern every brand; for a delegated role the signature decides.',
  scopes: ['manage_releases'],
  audit: 'metadata.submit',
  pathSchema: rolePath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        text: textOfFile,
        removes: z.exactOptional(
          as(z.array(z.string()).check(z.maxLength(10_000)), {
            description: 'Published targets and delegated roles that are meant to disappear, or to mean other bytes',
          }),
        ),
      }),
      { id: 'MetadataOrder' },
    ),
    mediaTypes: ['application/json'],
    examples: { targets: { text: '{"signatures":[…],"signed":{"_type":"Targets",…}}' } },
    largest: largestMetadata,
  },
  replies: {
    200: {
      description: 'Published',
      schema: z.object({ status: z.literal('published'), version: z.int() }),
      example: { status: 'published', version: 8 },
    },
    202: {
      description: 'It waits for more signatures',
      schema: z.object({ status: z.literal('pending'), pending: pendingSchema }),
      example: { status: 'pending', pending: pendingExample },
    },
  },
  problems: [
    ...(['malformed-metadata', 'metadata-unsigned', 'metadata-expired', 'metadata-version-wrong'] as const),
    ...([
      'other-version-pending',
      'release-not-signable',
      'target-disappears',
      'root-unusable',
      'delegation-unusable',
    ] as const),
    ...(['role-not-delegated', 'role-not-offline', 'repository-not-found', 'every-brand-needed'] as const),
  ],
  async permit({ path, caller }, services) {
    services.repositories.requireRight(caller, path);
  },
  async handle({ path, body: { text, removes = [] }, caller }, services) {
    const submitted = await services.repositories
      .submit(caller, { ...path, text, removes })
      .catch((error: unknown) => raise(error, path, caller, services));
    if (submitted.kind === 'published')
      return { status: 200, body: { status: 'published', version: submitted.version } };
    return { status: 202, body: { status: 'pending', pending: pendingViewOf(submitted.pending) } };
  },
});

/** Whoever holds the keys seldom brings such metadata; whoever has only a client's secret cannot bring better. */
const suspicious: readonly string[] = ['metadata-unsigned', 'metadata-version-wrong', 'target-disappears'];

async function raise(
  error: unknown,
  { repository, role }: z.output<typeof rolePath>,
  { clientId }: Caller,
  { security, clock }: VehicleServices,
): Promise<never> {
  if (error instanceof Failure && suspicious.includes(error.code)) {
    const event = { repository, role: String(role), reason: error.code, clientId, at: clock.now() };
    await security.raise({ kind: 'metadata-refused', ...event });
  }
  throw error;
}

const dropPending = route({
  ...{
    method: 'DELETE',
    path: '/v1/repositories/{repository}/metadata/{role}/pending',
    operationId: 'dropPendingMetadata',
    tag,
  },
  summary: 'Drop a version that waits for signatures',
  scopes: ['manage_releases'],
  audit: 'metadata.drop',
  pathSchema: rolePath,
  ...pathAlone,
  replies: { 200: { description: 'Nothing is pending', schema: z.object({}), example: {} } },
  problems: ['every-brand-needed'],
  async handle({ path: { repository, role }, caller }, services) {
    await services.repositories.dropPending(caller, repository, role);
    return { status: 200, body: {} };
  },
});

export const repositoryRoutes: readonly VehicleRoute[] = [getRepository, getMetadata, submitMetadata, dropPending];
