import * as z from 'zod/mini';
import type { Reservation } from '#shared/sharing/bookings/reservation-service.ts';
import { depositOf } from '#shared/sharing/prices/bill.ts';
import type { PricingPlan } from '#shared/sharing/prices/plan.ts';
import { isReservationId, type ReservationId, reservationIdPattern } from '#shared/sharing/sharing-id.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { operatorIdText } from './sharing-setup-view.ts';

export const reservationIdText = text<ReservationId>(isReservationId, () => 'is no reservation id', {
  pattern: reservationIdPattern.source,
  description: 'One use of one vehicle, from the hold to the bill',
});

export const reservationPath = z.object({ operatorId: operatorIdText, reservationId: reservationIdText });

const termsSchema = as(
  z.object({
    ...{ planId: z.string(), version: z.int(), name: z.string(), currency: z.string(), unlockFee: z.int() },
    ...{ perMinute: z.int(), pausePerMinute: z.int(), perKilometre: z.int(), includedKilometres: z.number() },
    dayCap: z.exactOptional(z.int()),
    hold: z.object({ freeMinutes: z.number(), perMinute: z.int() }),
    deposit: as(z.int(), { description: 'Set aside before the vehicle is opened, free again when it is paid' }),
    package: z.exactOptional(
      z.object({
        ...{ packageId: z.string(), name: z.string(), price: z.int(), minutes: z.number(), kilometres: z.number() },
      }),
    ),
  }),
  {
    id: 'ReservationTerms',
    description:
      'Frozen at the hold. Minor units (cents) of the currency, VAT included; each minute and kilometre begun.',
  },
);

export const reservationSchema = as(
  z.object({
    reservationId: z.string(),
    operatorId: z.string(),
    status: as(z.enum(['held', 'driving', 'paused', 'ended', 'cancelled', 'expired', 'over']), {
      description: '`over`: what became of it, the list of trips tells in a moment',
    }),
    vehicleId: z.exactOptional(z.string()),
    heldAt: z.exactOptional(instant()),
    expiresAt: z.exactOptional(instant('Of the hold; it counts no more once the trip has started')),
    extensionsLeft: z.exactOptional(as(z.int(), { description: 'How often it may be extended still' })),
    startedAt: z.exactOptional(instant('By the vehicle’s own clock')),
    terms: z.exactOptional(termsSchema),
  }),
  { id: 'Reservation' },
);

export const reservationExample = {
  ...{ reservationId: 'rsv-01k7q2m4akx3vq7n2mzt5ahx6cwp4r', operatorId: 'we-share', status: 'held' },
  ...{ vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r', heldAt: '2026-11-21T08:30:00.000Z' },
  ...{ expiresAt: '2026-11-21T08:45:00.000Z', extensionsLeft: 2 },
  terms: {
    ...{ planId: 'standard', version: 3, name: 'Standard', currency: 'EUR', unlockFee: 100, perMinute: 29 },
    ...{ pausePerMinute: 9, perKilometre: 19, includedKilometres: 200, dayCap: 5900 },
    hold: { freeMinutes: 15, perMinute: 5 },
    deposit: 3_580,
  },
} as const;

export function reservationView({ reservationId, operatorId, status, use }: Reservation) {
  if (use === undefined) return { reservationId, operatorId, status };
  const { vehicleId, heldAt, expiresAt, extensionsLeft, startedAt, plan, packageId } = use;
  return {
    ...{ reservationId, operatorId, status, vehicleId, heldAt: isoTime(heldAt), expiresAt: isoTime(expiresAt) },
    ...(extensionsLeft !== undefined && { extensionsLeft }),
    ...(startedAt !== undefined && { startedAt: isoTime(startedAt) }),
    terms: termsView(plan, packageId),
  };
}

function termsView(plan: PricingPlan, packageId: string | undefined) {
  const { planId, version, name, currency, unlockFee, perMinute, pausePerMinute, perKilometre } = plan;
  const { includedKilometres, dayCap, hold, packages } = plan;
  const chosen = packages.find((one) => one.packageId === packageId);
  return {
    ...{ planId, version, name, currency, unlockFee, perMinute, pausePerMinute, perKilometre, includedKilometres },
    ...(dayCap !== undefined && { dayCap }),
    ...{ hold, deposit: depositOf(plan, packageId) },
    ...(chosen !== undefined && { package: chosen }),
  };
}
