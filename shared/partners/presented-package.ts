import type { PricingPlan } from '../sharing/prices/plan.ts';
import { dayIn } from '../sharing/setup/local-day.ts';
import type { SharingSystem, VehicleType } from '../sharing/setup/system.ts';
import { billed } from '../sharing/trips/receipts.ts';
import { modeOf } from './mode-of-type.ts';
import type { OfferSet, VehicleOffer } from './offer.ts';
import { offerIdOf } from './package-id.ts';
import type { ReadPackage } from './package-reader.ts';
import { chargedFare, estimatedFare } from './presented-fare.ts';
import type { Asset } from './tomp/asset.ts';
import type { Leg, LegProperties } from './tomp/leg.ts';
import { collectionPath, type Link, processPath, type TompCollection, type TompProcess } from './tomp/link.ts';
import { baseUnits } from './tomp/money.ts';
import type { Offer, OfferCollection } from './tomp/offer.ts';
import type { TompPackage } from './tomp/package.ts';
import { pointOf, referenceOf } from './tomp/place.ts';
import type { TravelDocuments } from './tomp/travel-document.ts';

/** Where the partner is, for links and names. */
export interface Shown {
  readonly system: SharingSystem;
  readonly operatorName: string;
  /** `/v1/tomp/we-share-berlin` */
  readonly base: string;
}

const json = 'application/json';

export function presentedOffers(set: OfferSet, shown: Shown, plans: ReadonlyMap<string, PricingPlan>): OfferCollection {
  const features = set.offers.map((offer, place) =>
    presentedOffer(set, offer, place, shown, plans.get(planKey(offer))),
  );
  return {
    ...{ type: 'FeatureCollection', features },
    properties: {
      ...{ type: 'offers', expires: iso(set.expiresAt) },
      definitions: { assets: set.offers.map((offer) => assetOf(offer, shown.system)) },
    },
    numberReturned: features.length,
    links: [processLink(shown, 'search-offers')],
  };
}

export function planKey({ planId, planVersion }: Pick<VehicleOffer, 'planId' | 'planVersion'>): string {
  return `${planId} ${planVersion}`;
}

export function presentedOffer(
  set: OfferSet,
  offer: VehicleOffer,
  place: number,
  shown: Shown,
  plan: PricingPlan | undefined,
): Offer {
  const id = offerIdOf(set.searchId, place);
  const { system, operatorName } = shown;
  const price = plan && estimatedFare(plan, offer.estimate, system, dayIn(system.timeZone, set.offeredAt));
  const type = typeOf(system, offer.vehicleTypeId);
  return {
    ...{ type: 'Feature', id, geometry: pointOf(offer.place) },
    properties: {
      ...{ type: 'offer', id, status: 'OFFERED' },
      summary: {
        ...{ id, products: [offer.vehicleTypeId], estimatedPrice: true },
        price: { amount: baseUnits(offer.estimate), currencyCode: offer.currency },
        legs: type === undefined ? [] : [{ mode: modeOf(type.formFactor), name: type.name }],
        paymentMethod: { paymentType: 'PAY_WHEN_FINISHED' },
      },
      ...(price !== undefined && { price }),
      legs: [
        {
          ...legOf(id, offer, system, operatorName),
          specification: { type: 'travelSpecification', from: referenceOf(offer.place) },
          status: 'NOT_STARTED',
        },
      ],
      customFields: { expires: iso(set.expiresAt) },
    },
    links: [
      {
        ...processLink(shown, 'purchase-offers'),
        body: { inputs: { offer: id } },
        expires: iso(set.expiresAt),
      },
      collectionLink(shown, 'offers', { offerId: id }),
    ],
  };
}

/** @param plan of the offer that was bought */
export function presentedPackage(read: ReadPackage, shown: Shown, plan: PricingPlan | undefined): TompPackage {
  const { pack, standing, use, extensionsLeft, trip } = read;
  const { packageId, travellerId, estimate, currency } = pack;
  const bill = use.kind === 'ended' && trip !== undefined ? billed(trip) : undefined;
  const today = dayIn(shown.system.timeZone, pack.purchasedAt);
  const isEstimate = use.kind !== 'ended' || !use.charged;
  const price = bill === undefined ? plan && estimatedFare(plan, estimate, shown.system, today) : chargedFare(bill);
  const leg = legProperties(read, shown);
  const isHeld = standing.status === 'PENDING' || standing.status === 'CONFIRMED';
  const expiresAt = use.kind === 'held' ? use.expiresAt : pack.expiresAt;
  const extensions = use.kind === 'held' ? use.extensions : pack.extensions;
  return {
    type: 'FeatureCollection',
    features: [{ type: 'Feature', id: packageId, properties: leg }],
    properties: {
      ...{ type: 'package', id: packageId, status: standing.status },
      summary: {
        ...{ id: packageId, products: [pack.vehicleTypeId], estimatedPrice: isEstimate },
        price: { amount: baseUnits(bill?.total ?? estimate), currencyCode: currency },
        paymentMethod: { paymentType: 'PAY_WHEN_FINISHED' },
      },
      // What is looked at by its operator first may come to something else.
      ...(price !== undefined && { price: { ...price, estimated: isEstimate } }),
      legs: [leg],
      customFields: {
        ...(isHeld && { expires: iso(expiresAt), extensionsLeft }),
        extensionsUsed: extensions,
        ...(standing.reason !== undefined && { reason: standing.reason }),
      },
      definitions: {
        assets: [assetOf(pack, shown.system, read.speaks)],
        travellers: [{ type: 'traveller', id: travellerId }],
      },
    },
    links: linksOf(read, shown, isHeld ? iso(expiresAt) : undefined),
  };
}

export function presentedLeg(read: ReadPackage, shown: Shown): Leg {
  const { packageId } = read.pack;
  const links = linksOf(read, shown, undefined).filter(({ rel }) => rel.endsWith('-leg') || rel === 'travel-documents');
  return { type: 'Feature', id: packageId, properties: legProperties(read, shown), links };
}

/** None before there is a key, and none any more once it opens nothing. */
export function presentedDocuments({ pack, next }: ReadPackage, shown: Shown, now: number): TravelDocuments {
  const { key, packageId, travellerId } = pack;
  if (key === undefined || key.expiresAt <= now || !next.includes('start-leg')) {
    return { type: 'FeatureCollection', features: [] };
  }
  return {
    type: 'FeatureCollection',
    features: [
      {
        ...{ type: 'Feature', id: key.tokenId },
        properties: {
          ...{ id: key.tokenId, type: 'travelDocument', travelDocumentType: 'OTHER' },
          ...{ package: packageId, leg: packageId, asset: nameOf(pack), traveller: travellerId },
          validity: [iso(key.notBefore), iso(key.expiresAt)],
          customFields: { token: key.token },
        },
        links: [legLink(shown, 'start-leg', packageId)],
      },
    ],
  };
}

function legProperties({ pack, standing, trip, use }: ReadPackage, shown: Shown): LegProperties {
  const { course } = trip ?? {};
  const startedAt = use.kind === 'driven' ? use.startedAt : course?.start.at;
  const end = use.kind === 'ended' ? course?.end : undefined;
  return {
    ...legOf(pack.packageId, pack, shown.system, shown.operatorName),
    specification: {
      type: 'travelSpecification',
      ...(startedAt !== undefined && { startTime: iso(startedAt) }),
      ...(end !== undefined && { endTime: iso(end.at) }),
    },
    ...{ status: standing.leg, travellers: [pack.travellerId] },
    ...(end !== undefined && { customFields: { meters: Math.max(0, end.odometer - (course?.start.odometer ?? 0)) } }),
  };
}

interface Vehicle {
  readonly vehicleId: string;
  readonly assetId?: string;
  readonly vehicleTypeId: string;
  readonly label: string;
  readonly charge?: number;
  readonly rangeMeters?: number;
  readonly distance?: number;
}

/** For the partner. */
function nameOf({ vehicleId, assetId = vehicleId }: Pick<Vehicle, 'vehicleId' | 'assetId'>): string {
  return assetId;
}

function legOf(id: string, vehicle: Vehicle, system: SharingSystem, operatorName: string) {
  const { vehicleTypeId } = vehicle;
  const type = typeOf(system, vehicleTypeId);
  return {
    ...{ type: 'leg' as const, id, sequenceNumber: 0, products: [vehicleTypeId], assets: [nameOf(vehicle)] },
    ...(type !== undefined && { mode: modeOf(type.formFactor) }),
    ...{ operatorId: system.operatorId, operatorName, labels: ['CANCELLABLE', 'PAY_WHEN_FINISHED'] },
  };
}

function assetOf(vehicle: Vehicle, system: SharingSystem, speaks?: ReadPackage['speaks']): Asset {
  const { vehicleTypeId, label, charge, rangeMeters, distance } = vehicle;
  const type = typeOf(system, vehicleTypeId);
  return {
    ...{ type: 'asset', id: nameOf(vehicle), visualId: label, product: vehicleTypeId },
    ...(type !== undefined && { mode: modeOf(type.formFactor), subMode: type.formFactor }),
    appSupport: {
      displayName: type?.name ?? label,
      ...(speaks !== undefined && { accessMethods: [speaks === 'device' ? 'OTHER' : 'REMOTE'] }),
    },
    customFields: {
      ...(charge !== undefined && { currentCharge: charge }),
      ...(rangeMeters !== undefined && { rangeMeters }),
      ...(distance !== undefined && { distance }),
    },
  };
}

/** What its state admits, then what can be looked at. */
function linksOf({ pack, next, standing }: ReadPackage, shown: Shown, expires: string | undefined): Link[] {
  const { packageId, key } = pack;
  const actions = next.map((process): Link => {
    if (process.endsWith('-leg')) return legLink(shown, process, packageId);
    const mandatory = process === 'confirm-purchase' ? { mandatory: true } : {};
    const inputs = process === 'confirm-payment' ? { paymentId: packageId } : { package: packageId };
    return {
      ...processLink(shown, process),
      body: { inputs },
      ...mandatory,
      ...(expires !== undefined && { expires }),
    };
  });
  const isCharged = standing.status === 'ENDED' || standing.status === 'SETTLED';
  return [
    ...actions,
    { ...collectionLink(shown, 'packages', { packageId }), rel: 'self' },
    ...(key !== undefined && next.includes('start-leg')
      ? [collectionLink(shown, 'travel-documents', { packageId })]
      : []),
    ...(isCharged ? [collectionLink(shown, 'payments', { package: packageId })] : []),
  ];
}

function legLink(shown: Shown, process: TompProcess, leg: string): Link {
  return { ...processLink(shown, process), body: { inputs: { package: leg, leg } } };
}

export function processLink({ base }: Pick<Shown, 'base'>, process: TompProcess): Link {
  return { rel: process, href: `${base}${processPath(process)}`, method: 'POST', type: json };
}

export function collectionLink(
  { base }: Pick<Shown, 'base'>,
  collection: TompCollection,
  query: Readonly<Record<string, string>> = {},
): Link {
  const asked = new URLSearchParams(query).toString();
  const href = `${base}${collectionPath(collection)}${asked === '' ? '' : `?${asked}`}`;
  return { rel: collection, href, method: 'GET', type: json };
}

function typeOf({ vehicleTypes }: SharingSystem, wanted: string): VehicleType | undefined {
  return vehicleTypes.find(({ vehicleTypeId }) => vehicleTypeId === wanted);
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
