import * as z from 'zod/mini';
import { reasonFault, reasonPattern } from '#shared/audit/audit-record.ts';
import { billItems, depositOf } from '#shared/sharing/prices/bill.ts';
import type { Milestone } from '#shared/sharing/trips/course.ts';
import { type Receipt, receiptsOf, refundable, takenOf } from '#shared/sharing/trips/receipts.ts';
import { reviewReasons, type Trip, type TripPayment, tripStatuses } from '#shared/sharing/trips/trip.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { reservationIdText } from './reservation-view.ts';

export const tag = 'Sharing';

export const reasonText = text<string>(
  (value): value is string => reasonFault(value) === undefined,
  (value) => reasonFault(value) ?? 'is no reason',
  { pattern: reasonPattern.source, description: 'Why; stays with the trip and in the audit, and names nobody' },
);

const money = (description: string) => as(z.int(), { description: `${description}, minor units of \`currency\`` });

const momentSchema = z.object({
  at: instant('As the vehicle signed it'),
  place: z.exactOptional(z.object({ latitude: z.number(), longitude: z.number() })),
});

const payments = ['none', 'pending', 'paid', 'owed', 'forgiven', 'on-account'] as const;

const lineShape = {
  ...{ reservationId: reservationIdText, vehicleId: z.string(), systemId: z.string(), vehicleTypeId: z.string() },
  status: z.enum(tripStatuses),
  heldAt: instant(),
  startedAt: z.exactOptional(instant('By the vehicle’s own clock, as all times of the trip')),
  endedAt: z.exactOptional(instant()),
  currency: as(z.string(), { description: 'ISO 4217' }),
  total: z.exactOptional(money('What it costs, tax included; there once it is settled')),
  payment: z.object({
    status: as(z.enum(payments), {
      description: '`owed` bars new holds with this operator until it is paid; `on-account`: a business pays',
    }),
    taken: money('Taken so far'),
    owed: money('Still owed'),
    reason: z.exactOptional(as(z.string(), { description: 'Why it could not be taken' })),
  }),
};
export const tripLineSchema = as(z.object(lineShape), { id: 'TripLine' });

const storyShape = {
  ...lineShape,
  start: z.exactOptional(momentSchema),
  end: z.exactOptional(momentSchema),
  meters: z.exactOptional(
    as(z.number().check(z.gte(0)), { description: 'Driven; absent where the odometer was set back meanwhile' }),
  ),
  deposit: as(z.object({ amount: money('Set aside'), status: z.enum(['aside', 'released', 'none']) }), {
    description:
      '`aside` from the key to the bill; `released`: free again; `none`: a business pays, or nothing was set aside yet',
  }),
  plan: as(z.object({ planId: z.string(), version: z.int(), packageId: z.exactOptional(z.string()) }), {
    description: 'Frozen at the hold',
  }),
  bill: z.exactOptional(
    z.object({
      lines: z.array(
        z.object({
          item: z.enum(billItems),
          quantity: as(z.number(), { description: 'Minutes, kilometres, or 1' }),
          price: money('Of one'),
          amount: money('Quantity times price'),
        }),
      ),
      total: money('The sum of the lines, tax included'),
      vat: z.exactOptional(
        z.object({
          market: z.string(),
          percent: z.number(),
          amount: money('The tax within the total, rounded half a unit up'),
        }),
      ),
      issuer: z.exactOptional(
        as(z.object({ name: z.string(), taxId: z.exactOptional(z.string()) }), {
          description: 'The partner whose vehicle it was, where it was not the operator’s own',
        }),
      ),
    }),
  ),
  reasons: z.exactOptional(as(z.array(z.enum(reviewReasons)), { description: 'Why somebody has to look at it' })),
  receipts: as(z.array(z.object({ kind: z.enum(['payment', 'refund']), at: instant(), amount: money('Moved') })), {
    description: 'What was taken and given back',
  }),
};
export const tripSchema = as(z.object(storyShape), { id: 'Trip' });

const fenceMeta = { description: 'Which of the vehicle’s uses it is: its holders are counted' };
export const deskTripSchema = as(
  z.object({
    ...{ fence: as(z.int(), fenceMeta), personId: z.string(), ...storyShape },
    named: z.exactOptional(money('What the partner whose vehicle it is wants, and nobody has charged')),
    decision: z.exactOptional(
      z.object({ kind: z.enum(['settle', 'waive']), at: instant(), by: z.string(), reason: z.string() }),
    ),
    refundable: money('What could be given back'),
  }),
  { id: 'OperatorTrip' },
);

export const tripExample = {
  ...{ reservationId: 'rsv-1c2k4sq00abcdefghijklmnopqrst', vehicleId: 'veh-k3vq7n2mzt5ahx6cwp4r' },
  ...{ systemId: 'we-share-berlin', vehicleTypeId: 'e-golf', status: 'settled' },
  ...{ heldAt: '2026-11-21T08:20:00.000Z', startedAt: '2026-11-21T08:28:10.000Z', endedAt: '2026-11-21T08:53:02.000Z' },
  ...{ currency: 'EUR', total: 825, payment: { status: 'paid', taken: 825, owed: 0 } },
};

export const tripStoryExample = {
  ...tripExample,
  start: { at: tripExample.startedAt, place: { latitude: 52.5219, longitude: 13.4132 } },
  end: { at: tripExample.endedAt, place: { latitude: 52.5069, longitude: 13.3325 } },
  deposit: { amount: 3_580, status: 'released' },
  ...{ meters: 6_240, plan: { planId: 'standard', version: 3 } },
  bill: {
    lines: [
      { item: 'unlock', quantity: 1, price: 100, amount: 100 },
      { item: 'driving', quantity: 25, price: 29, amount: 725 },
    ],
    ...{ total: 825, vat: { market: 'DE', percent: 19, amount: 132 } },
  },
  receipts: [{ kind: 'payment', at: '2026-11-21T08:53:05.000Z', amount: 825 }],
};

export const deskTripExample = {
  ...{ ...tripStoryExample, fence: 17, personId: '3f1c2b5e-8a7d-4c09-9d51-2e6f70b1a4c8', refundable: 825 },
};

export function lineViewOf(trip: Trip) {
  const { reservationId, vehicleId, systemId, vehicleTypeId, state, heldAt, course, terms, bill, payment } = trip;
  const endedAt = endOf(trip);
  return {
    ...{ reservationId, vehicleId, systemId, vehicleTypeId, status: state.status, heldAt: isoTime(heldAt) },
    ...(course !== undefined && { startedAt: isoTime(course.start.at) }),
    ...(endedAt !== undefined && { endedAt: isoTime(endedAt) }),
    ...{ currency: terms.plan.currency, ...(bill !== undefined && { total: bill.total }) },
    payment: paymentViewOf(payment),
  };
}

export function storyViewOf(trip: Trip) {
  const { course, terms, bill, state } = trip;
  const { planId, version } = terms.plan;
  return {
    ...lineViewOf(trip),
    ...(course !== undefined && { start: momentOf(course.start) }),
    ...(course?.end !== undefined && {
      end: momentOf(course.end),
      // Set back, the odometer does not tell how far it went.
      ...(course.end.odometer >= course.start.odometer && { meters: course.end.odometer - course.start.odometer }),
    }),
    deposit: depositViewOf(trip),
    plan: { planId, version, ...(terms.packageId !== undefined && { packageId: terms.packageId }) },
    ...(bill !== undefined && { bill: billViewOf(bill) }),
    ...(state.status === 'to-review' && { reasons: state.reasons }),
    receipts: receiptsOf(trip).map(receiptViewOf),
  };
}

function depositViewOf({ terms: { plan, packageId }, payment, billTo, course }: Trip) {
  const amount = depositOf(plan, packageId);
  if (billTo !== undefined) return { amount: 0, status: 'none' };
  if (payment.kind === 'open' || payment.kind === 'capturing') {
    return { amount, status: course === undefined ? 'none' : 'aside' };
  }
  return { amount, status: 'released' };
}

export function deskViewOf(trip: Trip) {
  const { fence, personId, state, verdict, partnerDoubt } = trip;
  return {
    ...{ fence, personId, ...storyViewOf(trip), refundable: refundable(trip) },
    ...(state.status === 'to-review' && partnerDoubt?.bill !== undefined && { named: partnerDoubt.bill.total }),
    ...(verdict !== undefined && {
      decision: { kind: verdict.kind, at: isoTime(verdict.at), by: verdict.by, reason: verdict.reason },
    }),
  };
}

function endOf({ course, verdict }: Trip): number | undefined {
  return (verdict?.kind === 'settle' ? verdict.endedAt : undefined) ?? course?.end?.at;
}

function momentOf({ at, place }: Milestone) {
  return { at: isoTime(at), ...(place !== undefined && { place }) };
}

function billViewOf({ lines, total, vat, issuer }: NonNullable<Trip['bill']>) {
  const share = vat === undefined ? {} : { vat: { market: vat.market, percent: vat.rate / 100, amount: vat.amount } };
  return { lines, total, ...share, ...(issuer !== undefined && { issuer }) };
}

function paymentViewOf(payment: TripPayment) {
  const taken = takenOf(payment);
  switch (payment.kind) {
    case 'open':
    case 'released':
      return { status: 'none', taken, owed: 0 };
    case 'capturing':
      return { status: 'pending', taken, owed: 0 };
    case 'captured':
    case 'paid':
      return { status: 'paid', taken, owed: 0 };
    case 'owed':
      return { status: 'owed', taken, owed: payment.owed, reason: payment.reason };
    case 'collecting':
      return { status: 'pending', taken, owed: payment.owed };
    case 'on-account':
      return { status: 'on-account', taken, owed: 0 };
    case 'forgiven':
      return { status: 'forgiven', taken, owed: 0 };
  }
}

function receiptViewOf({ kind, at, amount }: Receipt) {
  return { kind, at: isoTime(at), amount };
}
