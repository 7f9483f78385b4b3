import * as z from 'zod/mini';
import type { OfferSet } from '#shared/partners/offer.ts';
import type { PartnerPackage } from '#shared/partners/package.ts';
import { isPackageId, type PackageId } from '#shared/partners/package-id.ts';
import type { PackageName } from '#shared/partners/package-repository.ts';
import { legOperations, legStatus } from '#shared/partners/tomp/leg.ts';
import { packageStatus } from '#shared/partners/tomp/package.ts';
import {
  operatorIdValue as operatorId,
  reservationIdValue as reservationId,
  systemIdValue as systemId,
} from '#shared/sharing/id-values.ts';

/** The one author of the keys of what partners book, in the Partners table. */
export const packageKeys = {
  client: (clientId: string) => `buyer#${clientId}`,
  offers: (clientId: string, searchId: string) => ({ pk: packageKeys.client(clientId), sk: `offers#${searchId}` }),
  package: ({ clientId, packageId }: PackageName) => ({
    pk: packageKeys.client(clientId),
    sk: `${packagePrefix}${packageId}`,
  }),
  /** How many of an operator's are neither over nor given back: `packages`. */
  open: ({ clientId, operatorId }: Pick<PartnerPackage, 'clientId' | 'operatorId'>) => ({
    pk: packageKeys.client(clientId),
    sk: `open#${operatorId}`,
  }),
  vehicle: (vehicleId: string) => `bought#${vehicleId}`,
  ofVehicle: ({ vehicleId, packageId }: PartnerPackage) => ({ pk: packageKeys.vehicle(vehicleId), sk: packageId }),
  person: (personId: string) => `traveller#${personId}`,
  ofPerson: ({ personId, clientId, packageId }: PartnerPackage) => ({
    pk: packageKeys.person(personId),
    sk: `${clientId}#${packageId}`,
  }),
  isPackage: ({ pk, sk }: { readonly pk: string; readonly sk: string }) =>
    pk.startsWith('buyer#') && sk.startsWith(packagePrefix),
};

export const packagePrefix = 'package#';

export const packageIdValue = z.custom<PackageId>((value) => typeof value === 'string' && isPackageId(value), {
  error: () => 'is no package id',
});

const offerItem = z.object({
  ...{ clientId: z.string(), searchId: z.string(), systemId, operatorId, offeredAt: z.number(), goodUntil: z.number() },
  offers: z.array(
    z.object({
      ...{ vehicleId: z.string(), vehicleTypeId: z.string(), label: z.string(), planId: z.string() },
      ...{ planVersion: z.number(), estimate: z.number(), currency: z.string(), distance: z.number() },
      assetId: z.exactOptional(z.string()),
      place: z.object({ latitude: z.number(), longitude: z.number() }),
      ...{ charge: z.exactOptional(z.number()), rangeMeters: z.exactOptional(z.number()) },
    }),
  ),
});

export function offerItemOf({ expiresAt, ...set }: OfferSet) {
  return { ...packageKeys.offers(set.clientId, set.searchId), ...set, goodUntil: expiresAt };
}

export function offersOf(item: unknown): OfferSet {
  const { goodUntil, ...set } = offerItem.parse(item);
  return { ...set, expiresAt: goodUntil };
}

const at = z.number();
const packageItem = z.object({
  ...{ packageId: packageIdValue, clientId: z.string(), systemId, operatorId, reservationId },
  ...{ vehicleId: z.string(), vehicleTypeId: z.string(), label: z.string(), offerId: z.string() },
  assetId: z.exactOptional(z.string()),
  ...{ travellerId: z.string(), personId: z.string(), purchasedAt: at, heldUntil: at, extensions: z.number() },
  ...{ planId: z.string(), planVersion: z.number(), estimate: z.number(), currency: z.string() },
  decision: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('open') }),
    z.object({ kind: z.literal('confirmed'), at }),
    z.object({ kind: z.literal('given-back'), as: z.enum(['ROLLBACK', 'RELEASED', 'CANCELLED']), at }),
    z.object({ kind: z.literal('settled'), at }),
  ]),
  asked: z.exactOptional(z.object({ operation: z.enum(legOperations), at })),
  key: z.exactOptional(z.object({ tokenId: z.string(), token: z.string(), notBefore: at, expiresAt: at })),
  told: z.object({ status: packageStatus, leg: legStatus, reason: z.exactOptional(z.string()) }),
  ...{ toldAt: at, version: z.number() },
});

/** `expiresAt` is what DynamoDB forgets items by: the hold's end has another name there. */
export function packageItemOf({ expiresAt, ...pack }: PartnerPackage) {
  return { ...packageKeys.package(pack), ...pack, heldUntil: expiresAt };
}

export function packageOf(item: unknown): PartnerPackage {
  const { heldUntil, ...pack } = packageItem.parse(item);
  return { ...pack, expiresAt: heldUntil };
}
