import * as z from 'zod/mini';
import { Failure } from '#shared/kernel/failure.ts';
import { legOperationUnknown } from '#shared/partners/package-refusals.ts';
import { presentedDocuments, presentedLeg } from '#shared/partners/presented-package.ts';
import {
  isLegOperation,
  type LegOperation,
  legCollection,
  legOperations,
  legRequest,
} from '#shared/partners/tomp/leg.ts';
import { tompProcesses } from '#shared/partners/tomp/link.ts';
import { travelDocuments } from '#shared/partners/tomp/travel-document.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import {
  base,
  headersOf,
  packageReply,
  packageView,
  reference,
  scopes,
  shownAt,
  tag,
  tompExamples,
  tompPath,
} from './tomp-view.ts';

const { packageId } = tompExamples;
const legQuery = z.strictObject({
  packageId: reference('Whose legs they are'),
  legId: z.exactOptional(reference('This one alone')),
});
const theirs = ['system-not-found', 'package-not-found', 'leg-not-found'] as const;

const operateLeg = route({
  ...{ method: 'POST', path: `${base}/processes/{process}/execution`, operationId: 'tompOperateLeg', tag, scopes },
  audit: 'package.operate-leg',
  summary: 'Ask something of the vehicle: start-leg, pause-leg, resume-leg, end-leg',
  description:
    'A leg never moves by a request: it follows what the vehicle did. A car with a device is opened by a digital key: `start-leg` with the phone’s public key in `customFields.phoneKey`, again to renew it; pausing and ending is between that phone and the car, and `leg-follows-vehicle` says what stands against it. Any other vehicle is opened and locked by its operator, who is told.',
  pathSchema: z.object({
    ...tompPath.shape,
    process: as(z.string().check(z.maxLength(60)), {
      description: 'The operation, and `-leg`',
      examples: legOperations.map((one) => `${one}-leg`),
    }),
  }),
  ...{ querySchema: noQuery, headerSchema: noHeaders },
  body: {
    schema: as(legRequest, { id: 'TompLegRequest' }),
    mediaTypes: ['application/json'],
    examples: { pause: { inputs: { package: packageId, leg: packageId, timestamp: '2026-11-21T08:30:00Z' } } },
  },
  replies: { 200: { description: 'The package as it is now', schema: packageView, example: tompExamples.package } },
  problems: [
    ...theirs,
    ...([
      'leg-operation-unknown',
      'leg-operation-not-possible',
      'leg-follows-vehicle',
      'timestamp-not-possible',
    ] as const),
    ...(['phone-key-missing', 'package-expired', 'hold-expired', 'payment-declined', 'payment-unavailable'] as const),
    ...(['driver-blocked', 'vehicle-takes-no-key', 'reservation-not-found', 'account-not-found'] as const),
  ],
  async permit({ path: { systemId }, body: { inputs }, caller }, { legs }) {
    await legs.require(caller, systemId, inputs.leg, inputs.package);
  },
  async handle({ path: { systemId, process }, body, caller }, services) {
    const counter = await services.partnerDoor.enter(caller, systemId);
    const read = await services.legs.operate(caller, systemId, operationOf(process), body);
    return packageReply(read, counter, services);
  },
});

/** What no route of its own serves. */
function operationOf(process: string): LegOperation {
  const operation = process.endsWith('-leg') ? process.slice(0, -'-leg'.length) : undefined;
  if (operation === undefined) {
    throw new Failure('not-found', 'process-unknown', 'There is no such process.', {
      resolution: `There are ${tompProcesses.join(', ')}.`,
    });
  }
  if (!isLegOperation(operation)) throw legOperationUnknown(operation, legOperations);
  return operation;
}

const listLegs = route({
  ...{ method: 'GET', path: `${base}/collections/legs/items`, operationId: 'tompListLegs', tag, scopes },
  summary: 'The legs of a package',
  pathSchema: tompPath,
  querySchema: legQuery,
  ...{ headerSchema: noHeaders, body: noBody },
  replies: {
    200: {
      description: 'One: a package is the use of one vehicle',
      schema: as(legCollection, { id: 'TompLegs' }),
      example: { type: 'FeatureCollection', features: [tompExamples.leg], numberReturned: 1, links: [] },
    },
  },
  problems: theirs,
  async handle({ path: { systemId }, query: { packageId, legId = packageId }, caller }, { partnerDoor, legs }) {
    const counter = await partnerDoor.enter(caller, systemId);
    const read = await legs.require(caller, systemId, legId, packageId);
    const features = [presentedLeg(read, shownAt(counter))];
    const body = { type: 'FeatureCollection', features, numberReturned: 1, links: [] };
    return { status: 200, headers: headersOf(), body };
  },
});

const listDocuments = route({
  ...{
    method: 'GET',
    path: `${base}/collections/travel-documents/items`,
    operationId: 'tompListTravelDocuments',
    tag,
    scopes,
  },
  summary: 'What opens the vehicle',
  description:
    'The digital key that `start-leg` made, as long as it opens: a COSE_Sign1, base64url, for that phone alone.',
  pathSchema: tompPath,
  querySchema: legQuery,
  ...{ headerSchema: noHeaders, body: noBody },
  replies: {
    200: {
      description: 'At most one',
      schema: as(travelDocuments, { id: 'TompTravelDocuments' }),
      example: {
        type: 'FeatureCollection',
        features: [
          {
            ...{ type: 'Feature', id: '9f2c4b7a01d3e856', links: [] },
            properties: {
              ...{ type: 'travelDocument', travelDocumentType: 'OTHER', package: packageId, leg: packageId },
              validity: ['2026-11-21T08:29:30.000Z', '2026-11-21T08:45:00.000Z'],
              customFields: { token: '0oRDoQEm' },
            },
          },
        ],
      },
    },
  },
  problems: theirs,
  async handle({ path: { systemId }, query: { packageId, legId = packageId }, caller }, { partnerDoor, legs, clock }) {
    const counter = await partnerDoor.enter(caller, systemId);
    const read = await legs.require(caller, systemId, legId, packageId);
    const headers = { ...headersOf(), 'cache-control': 'no-store' };
    return { status: 200, headers, body: presentedDocuments(read, shownAt(counter), clock.now()) };
  },
});

export const tompLegRoutes: readonly SharingRoute[] = [listLegs, listDocuments, operateLeg];
