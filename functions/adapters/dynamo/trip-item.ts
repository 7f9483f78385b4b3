import * as z from 'zod/mini';
import { isMarket, type Market } from '#shared/registry/market.ts';
import { operatorIdValue, reservationIdValue, systemIdValue } from '#shared/sharing/id-values.ts';
import { declineReasons } from '#shared/sharing/payments/payments.ts';
import { billItems } from '#shared/sharing/prices/bill.ts';
import { planContent } from '#shared/sharing/prices/plan-order.ts';
import { courseFlaws } from '#shared/sharing/trips/course.ts';
import { partnerDoubts, reviewReasons, type Trip } from '#shared/sharing/trips/trip.ts';
import type { TripEvent } from '#shared/vehicle-cloud/sharing-envelopes.ts';

const at = z.number();
const marketValue = z.custom<Market>((value) => typeof value === 'string' && isMarket(value));
const placeItem = z.object({ latitude: z.number(), longitude: z.number() });

const milestone = { at, place: z.exactOptional(placeItem), odometer: z.number(), charge: z.number() };
const courseItem = z.object({
  start: z.object(milestone),
  pauses: z.array(z.object({ from: at, to: at })),
  pausedSince: z.exactOptional(at),
  pluggedInAt: z.exactOptional(z.number()),
  end: z.exactOptional(
    z.object({ ...milestone, by: z.enum(['driver', 'operator']), zonesVersion: z.exactOptional(z.number()) }),
  ),
  flaws: z.array(z.enum(courseFlaws)),
});

const billIssuerItem = z.object({ name: z.string(), taxId: z.exactOptional(z.string()) });
const billItem = z.object({
  lines: z.array(z.object({ item: z.enum(billItems), quantity: z.number(), price: z.number(), amount: z.number() })),
  total: z.number(),
  currency: z.string(),
  vat: z.exactOptional(z.object({ market: marketValue, rate: z.number(), amount: z.number() })),
  issuer: z.exactOptional(billIssuerItem),
});

const owed = {
  ...{ since: at, captured: z.number(), owed: z.number(), reason: z.enum(declineReasons), told: z.boolean() },
};
const paymentItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('released'), at }),
  z.object({ kind: z.literal('capturing'), since: at }),
  z.object({ kind: z.literal('captured'), at, captured: z.number() }),
  z.object({ kind: z.literal('on-account'), at }),
  z.object({ kind: z.literal('owed'), ...owed }),
  z.object({ kind: z.literal('collecting'), ...owed, paymentId: z.string(), paymentMethod: z.string() }),
  z.object({ kind: z.literal('paid'), at, since: at, captured: z.number(), collected: z.number(), told: z.boolean() }),
  z.object({
    ...{ kind: z.literal('forgiven'), at, since: at, captured: z.number(), forgiven: z.number(), told: z.boolean() },
    ...{ by: z.string(), reason: z.string() },
  }),
]);

const said = { at, by: z.string(), reason: z.string() };
const stateItem = z.discriminatedUnion('status', [
  z.object({ status: z.literal('held') }),
  z.object({ status: z.literal('under-way'), since: at }),
  z.object({ status: z.literal('ended'), at }),
  z.object({ status: z.literal('settled'), at, waived: z.exactOptional(z.literal(true)) }),
  z.object({ status: z.literal('cancelled'), at, reason: z.exactOptional(z.string()) }),
  z.object({ status: z.literal('expired'), at }),
  z.object({ status: z.literal('to-review'), reasons: z.array(z.enum(reviewReasons)) }),
]);

const tripItem = z.object({
  ...{ vehicleId: z.string(), fence: z.number(), reservationId: reservationIdValue, personId: z.string() },
  ...{ operatorId: operatorIdValue, systemId: systemIdValue, vehicleTypeId: z.string() },
  terms: z.object({
    plan: z.object({ ...planContent.shape, version: z.number() }),
    packageId: z.exactOptional(z.string()),
    ...{ market: marketValue, timeZone: z.string() },
  }),
  billTo: z.exactOptional(z.string()),
  ...{ heldAt: at, expiresAt: at, bookingVersion: z.number(), version: z.number() },
  release: z.exactOptional(
    z.object({
      at,
      why: z.enum(['ended', 'cancelled', 'expired', 'forced']),
      reason: z.exactOptional(z.string()),
    }),
  ),
  course: z.exactOptional(courseItem),
  verdict: z.exactOptional(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('settle'),
        ...said,
        endedAt: z.exactOptional(at),
        amount: z.exactOptional(z.number()),
      }),
      z.object({ kind: z.literal('waive'), ...said }),
    ]),
  ),
  bill: z.exactOptional(billItem),
  partner: z.exactOptional(z.string()),
  partnerBill: z.exactOptional(billItem),
  partnerDoubt: z.exactOptional(
    z.object({ why: z.enum(partnerDoubts), at, issuer: billIssuerItem, bill: z.exactOptional(billItem) }),
  ),
  payment: paymentItem,
  refunds: z.array(
    z.object({
      ...{ refundId: z.string(), amount: z.number(), ...said },
      status: z.enum(['begun', 'refunded', 'refused']),
    }),
  ),
  state: stateItem,
});

export function tripOf(item: unknown): Trip {
  return tripItem.parse(item);
}

const position = { boot: z.number(), sequence: z.number() };
export const tripEventValue: z.ZodMiniType<TripEvent> = z.object({
  ...{ vehicleId: z.string(), fence: z.number(), reservationId: z.string(), ...position },
  after: z.exactOptional(z.object(position)),
  at,
  kind: z.enum([
    ...(['started', 'paused', 'resumed', 'ended', 'charging-started', 'charging-ended', 'ended-by-operator'] as const),
  ]),
  place: z.exactOptional(placeItem),
  ...{ odometer: z.number(), charge: z.number() },
  zonesVersion: z.exactOptional(z.number()),
  tokenId: z.exactOptional(z.string()),
});
const lineItem = z.object({ line: tripEventValue });

export function lineOf(item: unknown): TripEvent {
  return lineItem.parse(item).line;
}
