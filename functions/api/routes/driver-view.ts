import * as z from 'zod/mini';
import { isPersonId, type PersonId } from '#shared/access/person.ts';
import type { Instant } from '#shared/kernel/clock.ts';
import { licenceCheck } from '#shared/sharing/bookings/account.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { as, instant, isoTime, text } from '../schemas.ts';
import { operatorIdText } from './sharing-setup-view.ts';

export const driverPath = z.object({
  operatorId: operatorIdText,
  personId: text<PersonId>(isPersonId, () => 'is no person id', {
    format: 'uuid',
    description: 'Opaque identifier of the person',
  }),
});

export const dayText = as(
  z.string().check(
    z.regex(/^\d{4}-\d\d-\d\d$/),
    z.refine((text) => {
      const at = Date.parse(`${text}T00:00:00Z`);
      return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
    }, 'is no day'),
  ),
  { format: 'date' },
);

export const bornOnText = as(dayText.check(z.refine((text) => text >= '1900-01-01', 'lies before 1900')), {
  ...{ format: 'date', description: 'As it stands in the papers' },
});

export const licenceSchema = as(
  z.strictObject({
    classes: z
      .array(z.enum(['AM', 'A1', 'A2', 'A', 'B1', 'B', 'BE', 'C1', 'C', 'D1', 'D', 'T']))
      .check(z.minLength(1), z.maxLength(12)),
    validUntil: as(dayText, { description: 'The last day' }),
  }),
  { id: 'DrivingLicence', description: 'Classes of Directive 2006/126/EC' },
);

const debtsSchema = z.array(z.object({ reservationId: z.string(), amount: z.int(), currency: z.string() }));

const shape = {
  operatorId: z.string(),
  standing: as(z.enum(['unverified', 'verified', 'blocked', 'left']), {
    description: '`blocked`: no new reservation; what is driven is finished',
  }),
  bornOn: z.exactOptional(dayText),
  licence: z.exactOptional(licenceSchema),
  recheckDueAt: z.exactOptional(
    instant('By then the licence is to be seen again; later nothing that asks for it is held'),
  ),
  licenceCheck: z.exactOptional(
    as(z.enum(['fine', 'soon', 'due']), {
      description: '`soon`: within 30 days; what is driven is finished in any case',
    }),
  ),
  debt: as(z.int(), { description: 'Owed in all, in minor units; any bars new reservations' }),
  debtCurrency: z.exactOptional(z.string()),
  debts: debtsSchema,
};

export const accountSchema = as(z.object({ ...shape, paymentMethod: z.exactOptional(z.string()) }), {
  id: 'SharingAccount',
});
export const driverSchema = as(
  z.object({ personId: z.string(), ...shape, hasPaymentMethod: z.boolean(), hasVehicle: z.boolean() }),
  { id: 'SharingDriver' },
);

export const accountExample = {
  ...{ operatorId: 'we-share', standing: 'verified', bornOn: '1990-05-31', paymentMethod: 'pm-5f2c' },
  ...{ licence: { classes: ['AM', 'B'], validUntil: '2031-05-31' }, debt: 0, debts: [] },
  ...{ recheckDueAt: '2027-05-19T08:30:00.000Z', licenceCheck: 'fine' },
};
const { paymentMethod: _, ...ofDriver } = accountExample;
export const driverExample = {
  ...{ personId: '6f2d6b0e-96a7-4b61-9f6c-3a1f4c0d2b11', ...ofDriver, hasPaymentMethod: true, hasVehicle: false },
};

export function accountView(driver: Driver, now: Instant) {
  const { paymentMethod } = driver;
  return { ...common(driver, now), ...(paymentMethod !== undefined && { paymentMethod }) };
}

/** What an operator needs to know of somebody; neither how they pay nor where they are. */
export function driverView(driver: Driver, now: Instant) {
  const { personId, paymentMethod, active } = driver;
  return {
    ...{ personId, ...common(driver, now) },
    ...{ hasPaymentMethod: paymentMethod !== undefined, hasVehicle: active !== undefined },
  };
}

function common(driver: Driver, now: Instant) {
  const { operatorId, standing, bornOn, licence, recheckDueAt, debt, debtCurrency, debts = [] } = driver;
  const check = licenceCheck(driver, now);
  return {
    ...{ operatorId, standing, debt },
    ...(bornOn !== undefined && { bornOn }),
    ...(licence !== undefined && { licence }),
    ...(recheckDueAt !== undefined && { recheckDueAt: isoTime(recheckDueAt) }),
    ...(check !== undefined && { licenceCheck: check }),
    ...(debtCurrency !== undefined && { debtCurrency }),
    debts: debts.map(({ reservationId, amount, currency }) => ({ reservationId, amount, currency })),
  };
}
