import * as z from 'zod/mini';
import { planContent } from '#shared/sharing/prices/plan-order.ts';
import {
  operatorContent,
  operatorContentChanges,
  systemContent,
  systemContentChanges,
  systemFixture,
} from '#shared/sharing/setup/system-order.ts';
import {
  isOperatorId,
  isSystemId,
  longestSlug,
  type OperatorId,
  type SystemId,
  slugPattern,
} from '#shared/sharing/sharing-id.ts';
import { zoneOrder } from '#shared/sharing/zones/zone-order.ts';
import { as, cursorParameter, limitParameter, marketText, text } from '../schemas.ts';

export const tag = 'Sharing';

const slugMeta = { pattern: slugPattern.source, maxLength: longestSlug };

export const operatorIdText = text<OperatorId>(
  isOperatorId,
  () => 'is no id: a-z, 0-9 and single hyphens, 40 at most',
  {
    ...slugMeta,
    description: 'Who runs the sharing service',
  },
);
export const systemIdText = text<SystemId>(isSystemId, () => 'is no id: a-z, 0-9 and single hyphens, 40 at most', {
  ...slugMeta,
  description: 'The service in one city',
});
const planIdText = as(planContent.shape.planId, { description: 'The pricing plan' });

export const operatorPath = z.object({ operatorId: operatorIdText });
export const systemPath = z.object({ systemId: systemIdText });
export const planPath = z.object({ systemId: systemIdText, planId: planIdText });
export const pageQuery = z.strictObject({ limit: limitParameter(100, 25), cursor: cursorParameter });

export const operatorOrder = as(z.strictObject({ operatorId: operatorIdText, ...operatorContent.shape }), {
  id: 'SharingOperatorOrder',
});
export const operatorChanges = as(operatorContentChanges, {
  id: 'SharingOperatorChanges',
  description: 'What is to be replaced; `clientIds` by the platform team alone',
});
export const operatorView = as(z.object({ ...operatorOrder.shape, version: z.int() }), { id: 'SharingOperator' });

const systemShape = {
  ...{ systemId: systemIdText, operatorId: operatorIdText, market: marketText },
  currency: systemFixture.shape.currency,
  ...systemContent.shape,
};
export const systemOrder = as(z.strictObject(systemShape), {
  id: 'SharingSystemOrder',
  description:
    '`bounds` are west, south, east, north. `openingHours` are minutes of the day by weekday (1: Monday) on the city’s clock, or `24/7`',
});
export const systemChanges = as(systemContentChanges, {
  id: 'SharingSystemChanges',
  description: 'What is to be replaced; a vehicle type may change and does not go',
});
export const systemView = as(z.object({ ...systemShape, version: z.int() }), { id: 'SharingSystem' });

export const zonesOrder = as(
  z.strictObject({
    ...zoneOrder.shape,
    seenVersion: z.exactOptional(
      as(z.int().check(z.gte(0)), { description: 'Of the zones that are to be replaced; another one is refused' }),
    ),
  }),
  {
    id: 'SharingZonesOrder',
    description:
      'Where zones overlap, the earliest in the list counts that has a rule for the vehicle’s type, and of its rules the first (GBFS 3.0). Where none does, `globalRules`. Positions are [longitude, latitude]',
  },
);
export const zonesView = as(z.object({ systemId: z.string(), version: z.int(), ...zoneOrder.shape }), {
  id: 'SharingZones',
});

export const planOrder = as(planContent, {
  id: 'PricingPlanOrder',
  description: 'Prices are whole numbers of the smallest unit of the currency (29: 0.29 EUR), tax included',
});
export const planView = as(z.object({ ...planContent.shape, version: z.int() }), { id: 'PricingPlan' });

const operator = {
  ...{ operatorId: 'we-share', name: 'We Share', clientIds: ['1h57kf5cpq17m0eml12EXAMPLE'] },
  ...{ email: 'help@example.com', phone: '+4930123456' },
};

const vehicleType = {
  ...{ vehicleTypeId: 'e-golf', name: 'e-Golf', formFactor: 'car', propulsion: 'electric', maxRangeMeters: 230_000 },
  ...{ seats: 5, minimumAge: 21, licence: 'B', minimumCharge: 15, planId: 'by-the-minute' },
};

const system = {
  ...{ systemId: 'we-share-berlin', operatorId: 'we-share', market: 'DE', currency: 'EUR', name: 'We Share Berlin' },
  ...{ timeZone: 'Europe/Berlin', openingHours: '24/7', bounds: [13.0, 52.3, 13.8, 52.7] },
  holds: { minutes: 15, extensionMinutes: 15, extensions: 2 },
  vehicleTypes: [vehicleType],
};

const goes = { rideStartAllowed: true, rideEndAllowed: true, rideThroughAllowed: true };

const zones = {
  zones: [
    {
      ...{ zoneId: 'home', name: 'Within the ring', rules: [goes] },
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [
            [
              [13.28, 52.47],
              [13.48, 52.47],
              [13.48, 52.55],
              [13.28, 52.55],
              [13.28, 52.47],
            ],
          ],
        ],
      },
    },
  ],
  globalRules: [{ ...goes, rideEndAllowed: false }],
};

const plan = {
  ...{ planId: 'by-the-minute', name: 'By the minute', currency: 'EUR', unlockFee: 100, perMinute: 29 },
  ...{ pausePerMinute: 9, perKilometre: 19, includedKilometres: 200, dayCap: 6_900 },
  hold: { freeMinutes: 15, perMinute: 5 },
  packages: [{ packageId: 'three-hours', name: '3 hours', price: 2_400, minutes: 180, kilometres: 60 }],
  chargeReward: { amount: 400, belowPercent: 40 },
};

export const setupExamples = { operator, system, zones, plan, version: 1 };
