import * as z from 'zod/mini';
import type { Caller } from '#shared/access/caller.ts';
import type { Scope } from '#shared/access/scopes.ts';
import type { Release, ReleaseId } from '#shared/ota/releases/release.ts';
import type { ProblemCode } from '../problem-catalogue.ts';
import { noBody, noHeaders, noQuery, pathAlone } from '../route.ts';
import { as } from '../schemas.ts';
import type { VehicleServices } from '../services.ts';
import { route, type VehicleRoute } from '../vehicle-route.ts';
import { onePath, type ReleaseView, releaseExample, releaseSchema, tag, viewOf } from './release-view.ts';

const uploadSchema = as(
  z.object({
    path: as(z.string(), { description: 'Its name as a target of the Image repository' }),
    pointer: as(z.string(), { description: 'Where the release names it, as a JSON pointer' }),
    length: z.int(),
    sha256: z.string(),
    url: as(z.string(), {
      format: 'uri',
      description: 'PUT the file there, with the `headers`. Good for an hour at most; it is a secret.',
    }),
    headers: as(z.record(z.string(), z.string()), {
      description: 'To be sent with it. The storage compares the checksum and keeps no other bytes.',
    }),
  }),
  { id: 'ReleaseUpload' },
);

const uploads = route({
  ...{ method: 'POST', path: '/v1/releases/{releaseId}/uploads', operationId: 'listReleaseUploads', tag },
  summary: 'Addresses for the files of a release that are not there yet',
  description: 'Each question brings new ones. A file that another release has brought is there.',
  scopes: ['manage_releases'],
  audit: 'release.upload',
  pathSchema: onePath,
  ...pathAlone,
  replies: {
    200: {
      description: 'What is missing',
      schema: z.object({ items: z.array(uploadSchema) }),
      example: {
        items: [
          {
            ...{ path: releaseExample.paths[0] ?? '', pointer: '/images/0', length: 6 },
            sha256: releaseExample.images[0]?.sha256 ?? '',
            url: 'https://fleetloom.s3.eu-central-1.amazonaws.com/images/volkswagen/gateway/5891b5…?X-Amz-…',
            headers: { 'x-amz-checksum-sha256': 'WJG1tSLV3whtD/CxEPvZ0hu0/HFjrzTQgoai6Eb2vgM=' },
          },
        ],
      },
    },
  },
  problems: ['release-not-found', 'release-in-other-state'],
  async permit({ path: { releaseId }, caller }, services) {
    await services.releases.require(caller, releaseId);
  },
  async handle({ path: { releaseId }, caller }, services) {
    const items = await services.uploads.missing(caller, releaseId);
    // The URLs take a file from whoever has them.
    return { status: 200, body: { items }, headers: { 'cache-control': 'no-store' } };
  },
});

interface Step {
  readonly verb: 'complete-upload' | 'confirm-signatures' | 'approve' | 'withdraw';
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly scope: Scope;
  readonly status: ReleaseView['status'];
  readonly problems: readonly ProblemCode[];
  take(services: VehicleServices, caller: Caller, releaseId: ReleaseId): Promise<Release>;
}

const steps: readonly Step[] = [
  {
    ...{ verb: 'complete-upload', operationId: 'completeReleaseUpload', scope: 'manage_releases', status: 'uploaded' },
    summary: 'Say that every file is there',
    description: 'Each is looked at, by the length and the SHA-256 that the storage has computed itself.',
    problems: ['files-missing', 'release-in-other-state'],
    take: ({ uploads: its }, caller, releaseId) => its.complete(caller, releaseId),
  },
  {
    ...{
      verb: 'confirm-signatures',
      operationId: 'confirmReleaseSignatures',
      scope: 'manage_releases',
      status: 'signed',
    },
    summary: 'Say that the Image repository vouches for the release',
    description: 'Each image is looked up among the published targets: hashes, length, hardware and release counter.',
    problems: ['images-not-signed', 'release-in-other-state'],
    take: ({ releases }, caller, releaseId) => releases.sign(caller, releaseId),
  },
  {
    ...{ verb: 'approve', operationId: 'approveRelease', scope: 'approve_releases', status: 'approved' },
    summary: 'Approve a signed release',
    description:
      'Two clients approve it, neither of which has written it. The second approval also claims the release counters for good.',
    problems: ['own-release', 'release-in-other-state', 'release-counter-falls'],
    take: ({ releases }, caller, releaseId) => releases.approve(caller, releaseId),
  },
  {
    ...{ verb: 'withdraw', operationId: 'withdrawRelease', scope: 'manage_releases', status: 'withdrawn' },
    summary: 'Withdraw a release for good',
    description: 'No vehicle gets it any more; one that has begun to install it comes to an end.',
    problems: [],
    take: ({ releases }, caller, releaseId) => releases.withdraw(caller, releaseId),
  },
];

export const releaseStepRoutes: readonly VehicleRoute[] = [
  uploads,
  ...steps.map(({ verb, operationId, summary, description, scope, status, problems, take }) =>
    route({
      ...{ method: 'POST', path: `/v1/releases/{releaseId}/${verb}`, operationId, tag },
      ...{ summary, description, scopes: [scope], audit: `release.${verb}` },
      pathSchema: onePath,
      querySchema: noQuery,
      headerSchema: noHeaders,
      body: noBody,
      replies: {
        200: { description: 'The release as it is now', schema: releaseSchema, example: { ...releaseExample, status } },
      },
      problems: ['release-not-found', ...problems],
      async permit({ path: { releaseId }, caller }, services) {
        await services.releases.require(caller, releaseId);
      },
      async handle({ path: { releaseId }, caller }, services) {
        return { status: 200, body: viewOf(await take(services, caller, releaseId)) };
      },
    }),
  ),
];
