import * as z from 'zod/mini';
import { isPersonId } from '#shared/access/person.ts';
import { monthOf } from '#shared/partners/account.ts';
import type { ReadPackage } from '#shared/partners/package-reader.ts';
import type { Counter } from '#shared/partners/partner-door.ts';
import { presentedPackage, type Shown } from '#shared/partners/presented-package.ts';
import { tompVersion } from '#shared/partners/tomp/landing-page.ts';
import { tompPackage } from '#shared/partners/tomp/package.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import type { Reply } from '../route.ts';
import { as } from '../schemas.ts';
import type { SharingServices } from '../services.ts';
import { systemPath } from './sharing-setup-view.ts';

export const tag = 'Partners';
export const scopes = ['book_for_customers'] as const;
export const tompPath = systemPath;
export const base = '/v1/tomp/{systemId}';

export function shownAt({ system, operator }: Pick<Counter, 'system' | 'operator'>): Shown {
  return { system, operatorName: operator.name, base: `/v1/tomp/${system.systemId}` };
}

/** Of the specification, and when what is answered is no longer so. */
export function headersOf(expiresAt?: number): Record<string, string> {
  return {
    version: tompVersion,
    ...(expiresAt !== undefined && { expires: new Date(expiresAt).toUTCString() }),
  };
}

/** As it is now, and whose records it belongs into. */
export async function packageReply(
  read: ReadPackage,
  counter: Pick<Counter, 'system' | 'operator'>,
  { plans }: Pick<SharingServices, 'plans'>,
): Promise<Reply> {
  const { systemId, planId, planVersion, vehicleId, personId } = read.pack;
  const plan = await plans.plan(systemId, planId, planVersion);
  const expiresAt = read.use.kind === 'held' ? read.use.expiresAt : undefined;
  return {
    ...{ status: 200, headers: headersOf(expiresAt), body: presentedPackage(read, shownAt(counter), plan) },
    about: [
      ...(isVehicleId(vehicleId) ? [{ kind: 'vehicle' as const, id: vehicleId }] : []),
      ...(isPersonId(personId) ? [{ kind: 'person' as const, id: personId }] : []),
    ],
  };
}

export const packageView = as(tompPackage, {
  id: 'TompPackage',
  description: 'TOMP 2.0, `package`: what it has come to, and in `links` what its state admits',
});

const packageId = 'pkg-3ntyyjjk2spinjxsoztw';
const legExample = {
  ...{ type: 'leg', id: packageId, sequenceNumber: 0, products: ['e-golf'], mode: 'CAR', status: 'NOT_STARTED' },
  ...{ assets: ['veh-k3vq7n2mzt5ahx6cwp4r'], operatorId: 'we-share', operatorName: 'We Share' },
  ...{ labels: ['CANCELLABLE', 'PAY_WHEN_FINISHED'], travellers: ['customer-4711'] },
  specification: { type: 'travelSpecification' },
} as const;
const linked = (rel: string) => ({
  ...{ rel, href: `/v1/tomp/we-share-berlin/processes/${rel}/execution`, method: 'POST', type: 'application/json' },
  body: { inputs: { package: packageId } },
});

export const tompExamples = {
  offerId: 'ofr-vhacabppjopfakd3au6i-0',
  packageId,
  leg: { type: 'Feature', id: packageId, properties: legExample, links: [linked('start-leg')] },
  package: {
    type: 'FeatureCollection',
    features: [{ type: 'Feature', id: packageId, properties: legExample }],
    properties: {
      ...{ type: 'package', id: packageId, status: 'PENDING', legs: [legExample] },
      summary: {
        id: packageId,
        products: ['e-golf'],
        price: { amount: 9.7, currencyCode: 'EUR' },
        estimatedPrice: true,
      },
      customFields: { expires: '2026-11-21T08:45:00.000Z', extensionsLeft: 2, extensionsUsed: 0 },
    },
    links: [{ ...linked('confirm-purchase'), mandatory: true }, linked('rollback-purchase')],
  },
  offers: {
    type: 'FeatureCollection',
    features: [
      {
        ...{ type: 'Feature', id: 'ofr-vhacabppjopfakd3au6i-0' },
        geometry: { type: 'Point', coordinates: [13.405, 52.52] },
        properties: {
          ...{ type: 'offer', id: 'ofr-vhacabppjopfakd3au6i-0', status: 'OFFERED' },
          summary: { products: ['e-golf'], price: { amount: 9.7, currencyCode: 'EUR' }, estimatedPrice: true },
        },
        links: [linked('purchase-offers')],
      },
    ],
    properties: {
      ...{ type: 'offers', expires: '2026-11-21T08:35:00.000Z' },
      definitions: { assets: [{ type: 'asset', id: 'veh-k3vq7n2mzt5ahx6cwp4r', visualId: 'B-WS 101E' }] },
    },
    numberReturned: 1,
    links: [],
  },
} as const;

/** A name that an answer gave. */
export function reference(description: string) {
  return as(z.string().check(z.minLength(1), z.maxLength(200)), { description });
}

/** `2026-11` */
export const monthText = as(z.string().check(z.regex(/^20\d\d-(0[1-9]|1[0-2])$/)), {
  description: 'A month, UTC',
  examples: [monthOf(Date.UTC(2026, 10))],
});
