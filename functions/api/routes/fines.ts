import * as z from 'zod/mini';
import { line } from '#shared/sharing/setup/text.ts';
import { noHeaders, noQuery } from '../route.ts';
import { as, instantParameter, isoTime, vehicleIdText } from '../schemas.ts';
import { route, type SharingRoute } from '../sharing-route.ts';
import { deskChargeExample, deskChargeSchema, deskChargeView } from './charge-view.ts';
import { amountText, currencyText } from './charges.ts';
import { tag } from './invoice-view.ts';
import { operatorPath } from './sharing-setup-view.ts';
import { reasonText } from './trip-view.ts';

/** Two writings of a name are one by its letters and digits. */
function named(longest: number) {
  return line(longest).check(z.refine((value) => /[\p{L}\p{N}]/u.test(value), 'has neither letter nor digit'));
}

const localTime = z
  .string()
  .check(z.refine((value) => isLocalTime(value), 'is no time like 2026-11-21T09:45 or 2026-11-21T08:45:00Z'));

function isLocalTime(value: string): boolean {
  const asUtc = Date.parse(`${value}:00Z`);
  return /^20\d\d-\d\d-\d\dT\d\d:\d\d$/.test(value) && !Number.isNaN(asUtc) && isoTime(asUtc).startsWith(value);
}

const fine = { authority: 'Polizeipräsident in Berlin', reference: '58.1234.567890.1', plate: 'B-WS 101E' };
const example = {
  ...{ ...deskChargeExample, kind: 'fine', amount: 5_000, evidence: `${fine.authority} ${fine.reference}`, fine },
  lines: [
    { item: 'fine', amount: 3_500 },
    { item: 'processing-fee', amount: 1_500, percent: 19 },
  ],
};

const chargeFine = route({
  ...{ method: 'POST', path: '/v1/sharing/operators/{operatorId}/fines', operationId: 'chargeFine', tag },
  ...{ scopes: ['manage_care'], audit: 'fine.charge', needsKey: true },
  summary: 'Charge a fine or a toll to whoever had the vehicle',
  description:
    'Finds by the trips who had it at that time, driving or paused, and charges them, with the city’s fee for finding out. The same authority and reference again answer the first charge.',
  pathSchema: operatorPath,
  querySchema: noQuery,
  headerSchema: noHeaders,
  body: {
    schema: as(
      z.strictObject({
        plate: z.exactOptional(as(line(40), { description: 'Of one of the operator’s vehicles; or `vehicleId`' })),
        vehicleId: z.exactOptional(vehicleIdText),
        at: as(z.union([localTime, instantParameter('Of the offence')]), {
          description: 'Of the offence: with its offset from UTC, or without by the clock of the city',
          examples: ['2026-11-21T09:45'],
        }),
        authority: as(named(120), { description: 'Who writes' }),
        reference: as(named(80), { description: 'Their own number of it' }),
        ...{ amount: amountText, currency: currencyText, kind: z.enum(['fine', 'toll']), reason: reasonText },
      }),
      { id: 'FineNotice' },
    ),
    mediaTypes: ['application/json'],
    examples: {
      speeding: {
        ...{ ...fine, at: '2026-11-21T09:45', amount: 3_500, currency: 'EUR', kind: 'fine' },
        reason: 'Speeding, 61 where 50 is allowed',
      },
    },
  },
  replies: {
    201: { description: 'Whose trip it was, and the charge', schema: deskChargeSchema, example },
    200: { description: 'This fine was charged before: that charge', schema: deskChargeSchema, example },
  },
  problems: [
    ...(['operator-not-found', 'plate-unknown', 'shared-vehicle-not-found', 'no-trip-then', 'only-held-then'] as const),
    ...(['time-ambiguous', 'currency-other', 'account-not-found', 'contended'] as const),
    'payment-unavailable',
  ],
  async permit({ path: { operatorId }, caller }, { sharingDoor }) {
    await sharingDoor.operator(caller, operatorId);
  },
  async handle({ path: { operatorId }, body, caller, operation }, { fines }) {
    const { charge, isKnown } = await fines.charge(caller, operatorId, body, operation);
    return { status: isKnown ? 200 : 201, body: deskChargeView(charge) };
  },
});

export const fineRoutes: readonly SharingRoute[] = [chargeFine];
