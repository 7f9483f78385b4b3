import * as z from 'zod/mini';
import type { OfferSet } from '#shared/partners/offer.ts';
import { searchOf } from '#shared/partners/package-id.ts';
import { planKey, presentedOffer, presentedOffers } from '#shared/partners/presented-package.ts';
import { offer, offerCollection, searchOffersRequest } from '#shared/partners/tomp/offer.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import { noBody, noHeaders, noQuery } from '../route.ts';
import { as } from '../schemas.ts';
import type { SharingServices } from '../services.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { base, headersOf, reference, scopes, shownAt, tag, tompExamples, tompPath } from './tomp-view.ts';

const searchOffers = route({
  ...{
    method: 'POST',
    path: `${base}/processes/search-offers/execution`,
    operationId: 'tompSearchOffers',
    tag,
    scopes,
  },
  // Nothing is held, and nothing is anybody's by it: what is asked all the time has no other record.
  isOwnRecord: true,
  summary: 'Vehicles near a place, priced',
  description:
    'What may be had now within `customFields.radius` (1,000 metres), the nearest twenty. Places are `GPS:<longitude>,<latitude>`. An offer is good for five minutes and holds nothing; its price is an estimate for `estimatedUsage`, or for half an hour and ten kilometres.',
  pathSchema: tompPath,
  ...{ querySchema: noQuery, headerSchema: noHeaders },
  body: {
    schema: as(searchOffersRequest, { id: 'TompSearch' }),
    mediaTypes: ['application/json'],
    examples: {
      cars: {
        inputs: {
          ...{ type: 'searchOffer', specification: { from: 'GPS:13.405,52.52' } },
          requirements: { mode: 'CAR', estimatedUsage: { time: 'PT30M', distance: 10, distanceType: 'KM' } },
        },
      },
    },
  },
  replies: {
    200: {
      description: 'The offers, and until when they are good',
      schema: as(offerCollection, { id: 'TompOffers' }),
      example: tompExamples.offers,
    },
  },
  problems: ['system-not-found', 'place-outside-system', 'start-not-now'],
  async handle({ path: { systemId }, body, caller, operation }, { partnerDoor, offers, plans }) {
    const counter = await partnerDoor.enter(caller, systemId);
    const { set } = await offers.search(caller, systemId, body, operation);
    const shown = presentedOffers(set, shownAt(counter), await plansOf(set, plans));
    return { status: 200, headers: headersOf(set.expiresAt), body: shown };
  },
});

const getOffer = route({
  ...{ method: 'GET', path: `${base}/collections/offers/items`, operationId: 'tompGetOffer', tag, scopes },
  summary: 'One offer, as it was made',
  pathSchema: tompPath,
  querySchema: z.strictObject({ offerId: reference('`id` of an offer that was found') }),
  ...{ headerSchema: noHeaders, body: noBody },
  replies: {
    200: {
      description: 'The offer',
      schema: as(offer, { id: 'TompOffer' }),
      example: tompExamples.offers.features[0],
    },
  },
  problems: ['system-not-found', 'offer-not-found'],
  async handle({ path: { systemId }, query: { offerId }, caller }, { partnerDoor, offers, plans }) {
    const counter = await partnerDoor.enter(caller, systemId);
    const found = await offers.require(caller.clientId, systemId, offerId);
    const known = await plansOf(found.set, plans);
    const place = searchOf(offerId)?.place ?? 0;
    const plan = known.get(planKey(found.offer));
    const body = presentedOffer(found.set, found.offer, place, shownAt(counter), plan);
    return { status: 200, headers: headersOf(found.set.expiresAt), body };
  },
});

async function plansOf(
  { systemId, offers }: OfferSet,
  plans: SharingServices['plans'],
): Promise<ReadonlyMap<string, PricingPlan>> {
  const wanted = new Map(offers.map((one) => [planKey(one), one]));
  const found = await Promise.all(
    [...wanted].map(async ([key, { planId, planVersion }]) => ({
      ...{ key, plan: await plans.plan(systemId, planId, planVersion) },
    })),
  );
  return new Map(found.flatMap(({ key, plan }) => (plan === undefined ? [] : [[key, plan] as const])));
}

export const tompOfferRoutes: readonly SharingRoute[] = [searchOffers, getOffer];
