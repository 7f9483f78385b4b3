import * as z from 'zod/mini';
import { conformsTo, presentedLanding } from '#shared/partners/presented-landing.ts';
import { collectionLink, presentedPackage } from '#shared/partners/presented-package.ts';
import { conformance, landingPage } from '#shared/partners/tomp/landing-page.ts';
import { packageList, tompPackage } from '#shared/partners/tomp/package.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { noBody, noHeaders, pathAlone } from '../route.ts';
import { as, cursorParameter, limitParameter } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { base, headersOf, packageReply, reference, scopes, shownAt, tag, tompExamples, tompPath } from './tomp-view.ts';

const landing = route({
  ...{ method: 'GET', path: base, operationId: 'tompLandingPage', tag, scopes },
  summary: 'What a partner can do in a city, in the shape of TOMP 2.0',
  pathSchema: tompPath,
  ...pathAlone,
  replies: {
    200: {
      description: 'Processes and collections',
      schema: as(landingPage, { id: 'TompLandingPage' }),
      example: {
        ...{ title: 'We Share Berlin', description: 'TOMP 2.0.0' },
        links: [{ rel: 'conformance', href: '/v1/tomp/we-share-berlin/conformance', method: 'GET' }],
      },
    },
  },
  problems: ['system-not-found'],
  async handle({ path: { systemId }, caller }, { partnerDoor }) {
    const counter = await partnerDoor.enter(caller, systemId);
    return { status: 200, headers: headersOf(), body: presentedLanding(shownAt(counter)) };
  },
});

const conforms = route({
  ...{ method: 'GET', path: `${base}/conformance`, operationId: 'tompConformance', tag, scopes },
  summary: 'Which parts of OGC API Common are kept to',
  pathSchema: tompPath,
  ...pathAlone,
  replies: {
    200: { description: 'Their URIs', schema: as(conformance, { id: 'TompConformance' }), example: { conformsTo } },
  },
  problems: ['system-not-found'],
  async handle({ path: { systemId }, caller }, { partnerDoor }) {
    await partnerDoor.enter(caller, systemId);
    return { status: 200, headers: headersOf(), body: { conformsTo } };
  },
});

const listPackages = route({
  ...{ method: 'GET', path: `${base}/collections/packages/items`, operationId: 'tompListPackages', tag, scopes },
  summary: 'A package, or all of them',
  description: 'With `packageId` that one; without it all that the partner has bought in this city, the newest first.',
  pathSchema: tompPath,
  querySchema: z.strictObject({
    packageId: z.exactOptional(reference('This one alone')),
    ...{ limit: limitParameter(100, 25), cursor: cursorParameter },
  }),
  ...{ headerSchema: noHeaders, body: noBody },
  replies: {
    200: {
      description: 'The package, or a page of them',
      schema: as(z.union([tompPackage, packageList]), { id: 'TompPackages' }),
      example: tompExamples.package,
    },
  },
  problems: ['system-not-found', 'package-not-found', 'bad-cursor'],
  async handle({ path: { systemId }, query: { packageId, limit, cursor }, caller }, services) {
    const { partnerDoor, packages, packageReader, plans } = services;
    const counter = await partnerDoor.enter(caller, systemId);
    if (packageId !== undefined) {
      return packageReply(await packages.require(caller, systemId, packageId), counter, services);
    }
    const query = ['tomp-packages', systemId, caller.clientId];
    const from = decodeCursor(query, cursor);
    const page = { limit, ...(from !== undefined && { from }) };
    const { items, next } = await packageReader.list(caller.clientId, systemId, page);
    const shown = shownAt(counter);
    const found = await Promise.all(
      items.map(async (read) => {
        const { planId, planVersion } = read.pack;
        return presentedPackage(read, shown, await plans.plan(systemId, planId, planVersion));
      }),
    );
    const more = next === undefined ? {} : { limit: String(limit), cursor: encodeCursor(query, next) };
    const links = next === undefined ? [] : [{ ...collectionLink(shown, 'packages', more), rel: 'next' }];
    const body = { type: 'PackageCollection', packages: found, numberReturned: found.length, links };
    return { status: 200, headers: headersOf(), body };
  },
});

export const tompRoutes: readonly SharingRoute[] = [landing, conforms, listPackages];
