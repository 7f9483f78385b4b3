import { isMarket, type Market } from '#shared/registry/market.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import type { Operator, SharingSystem, VehicleType } from '#shared/sharing/setup/system.ts';
import { isOperatorId, isSystemId, type OperatorId, type SystemId } from '#shared/sharing/sharing-id.ts';
import type { MultiPolygon, Zone, ZoneRule, ZoneSet } from '#shared/sharing/zones/zone.ts';

/** A small city to set up, search and drive in: one operator, a car and a scooter type, one plan, three zones. */
export const allowed: ZoneRule = { rideStartAllowed: true, rideEndAllowed: true, rideThroughAllowed: true };
export const noParking: ZoneRule = { ...allowed, rideEndAllowed: false };

export const electricCar: VehicleType = {
  vehicleTypeId: 'e-golf',
  name: 'e-Golf',
  formFactor: 'car',
  propulsion: 'electric',
  maxRangeMeters: 230_000,
  seats: 5,
  minimumAge: 21,
  licence: 'B',
  minimumCharge: 15,
  planId: 'by-the-minute',
};

export const scooter: VehicleType = {
  vehicleTypeId: 'scooter',
  name: 'Scooter',
  formFactor: 'scooter_standing',
  propulsion: 'electric',
  maxRangeMeters: 40_000,
  seats: 1,
  minimumAge: 16,
  minimumCharge: 10,
  planId: 'by-the-minute',
};

export const sampleOperator: Operator = {
  operatorId: operatorId('we-share'),
  name: 'We Share',
  clientIds: ['we-share-back-office'],
  email: 'help@example.com',
  invoicing: {
    legalName: 'We Share GmbH',
    address: { street: 'Torstraße 1', postalCode: '10119', city: 'Berlin', country: 'DE' },
    ...{ vatId: 'DE123456789', numberPrefix: 'WS' },
  },
  version: 1,
};

export const sampleSystem: SharingSystem = {
  systemId: systemId('we-share-berlin'),
  operatorId: sampleOperator.operatorId,
  name: 'We Share Berlin',
  market: marketNamed('DE'),
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  openingHours: '24/7',
  bounds: [13, 52.3, 13.8, 52.7],
  holds: { minutes: 15, extensionMinutes: 15, extensions: 2 },
  vehicleTypes: [electricCar, scooter],
  damageExcess: 50_000,
  charges: { finesFee: 1_500, disputeDays: 14 },
  version: 1,
};

export const samplePlan: PricingPlan = {
  planId: 'by-the-minute',
  version: 1,
  name: 'By the minute',
  currency: 'EUR',
  unlockFee: 100,
  perMinute: 29,
  pausePerMinute: 9,
  perKilometre: 19,
  includedKilometres: 200,
  dayCap: 6_900,
  hold: { freeMinutes: 15, perMinute: 5 },
  packages: [{ packageId: 'three-hours', name: '3 hours', price: 2_400, minutes: 180, kilometres: 60 }],
  chargeReward: { amount: 400, belowPercent: 40 },
};

export const sampleZones: ZoneSet = {
  systemId: sampleSystem.systemId,
  version: 1,
  zones: [
    zone('garage', rectangle(13.41, 52.51, 13.412, 52.512), [], { noCoverage: true }),
    zone('park', rectangle(13.35, 52.51, 13.37, 52.52), [noParking]),
    zone('home', rectangle(13.28, 52.46, 13.5, 52.56), [allowed]),
  ],
  globalRules: [noParking],
};

export function rectangle(west: number, south: number, east: number, north: number): MultiPolygon {
  return {
    type: 'MultiPolygon',
    coordinates: [
      [
        [
          [west, south],
          [east, south],
          [east, north],
          [west, north],
          [west, south],
        ],
      ],
    ],
  };
}

export function zone(
  zoneId: string,
  geometry: MultiPolygon,
  rules: readonly ZoneRule[],
  rest: Partial<Omit<Zone, 'zoneId' | 'geometry' | 'rules'>> = {},
): Zone {
  return { zoneId, name: zoneId, geometry, rules, ...rest };
}

export function operatorId(text: string): OperatorId {
  if (!isOperatorId(text)) throw new RangeError(`"${text}" is no operator id`);
  return text;
}

export function systemId(text: string): SystemId {
  if (!isSystemId(text)) throw new RangeError(`"${text}" is no system id`);
  return text;
}

export function marketNamed(text: string): Market {
  if (!isMarket(text)) throw new RangeError(`"${text}" is no market`);
  return text;
}
