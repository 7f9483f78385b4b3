import type { Instant } from '../kernel/clock.ts';
import { Failure, type FieldError } from '../kernel/failure.ts';
import { type Papers, verified } from '../sharing/bookings/account.ts';
import type { Driver } from '../sharing/bookings/driver.ts';
import { yearsBefore } from '../sharing/bookings/terms.ts';
import type { VehicleType } from '../sharing/setup/system.ts';
import type { OperatorId } from '../sharing/sharing-id.ts';
import type { Partner } from './partner.ts';
import type { Traveller } from './tomp/traveller.ts';

const pointer = '/inputs/travellers/0/characteristics';

/**
 * What a partner says of a customer, as far as the operator trusts them for it. Undefined where it does not: then the
 * operator's own word is needed.
 *
 * @param today in the city's time zone, `2026-11-22`
 * @throws Failure with what is missing for the type of vehicle
 */
export function papersOf(
  traveller: Traveller,
  { trusts }: Partner,
  { licence, minimumAge }: VehicleType,
  today: string,
): Papers | undefined {
  if (!trusts.includes('licence')) return undefined;
  const { isValidated, age, licenses = [] } = traveller.characteristics ?? {};
  const lacking: FieldError[] = [
    ...(isValidated === true ? [] : [{ pointer: `${pointer}/isValidated`, detail: 'is not true' }]),
    ...(age === undefined ? [{ pointer: `${pointer}/age`, detail: 'is missing' }] : []),
  ];
  if (age === undefined || lacking.length > 0) throw notValidated(lacking);
  if (age < minimumAge) throw tooYoung(minimumAge);
  const shown = licenses.flatMap(({ licenseType, endValidity }) =>
    licenseType?.licenseCode !== undefined && endValidity !== undefined
      ? [{ code: licenseType.licenseCode, until: endValidity }]
      : [],
  );
  const bornOn = latestBirthday(today, age);
  if (licence === undefined) return { bornOn, ...licenceOf(shown, today) };
  const asked = shown.filter(({ code }) => code === licence);
  if (asked.length === 0) throw licenceMissing(licence);
  if (asked.every(({ until }) => until < today)) throw licenceExpired(licence);
  return { bornOn, ...licenceOf(shown, today) };
}

/** Of those that are valid, until the first of them ends: so long all of them are. */
function licenceOf(shown: readonly { readonly code: string; readonly until: string }[], today: string) {
  const valid = shown.filter(({ until }) => until >= today);
  const [first] = valid.map(({ until }) => until).sort();
  if (first === undefined) return {};
  return { licence: { classes: [...new Set(valid.map(({ code }) => code))], validUntil: first } };
}

/** Of somebody who is so old today: nobody is taken to be older than was said. */
function latestBirthday(today: string, age: number): string {
  const day = yearsBefore(today, age);
  return day.endsWith('-02-29') ? `${day.slice(0, 8)}28` : day;
}

/**
 * The account of a partner's customer, paid for by the partner. Undefined where nothing changes.
 *
 * @param papers as the partner says them; absent: what the operator has seen stands
 * @param recheckDueAt when a licence that is said now is to be said again
 */
export function admitted(
  driver: Driver | undefined,
  { operatorId, personId }: { readonly operatorId: OperatorId; readonly personId: string },
  paymentMethod: string,
  papers: Papers | undefined,
  { now, recheckDueAt }: { readonly now: Instant; readonly recheckDueAt: Instant },
): Driver | undefined {
  const known: Driver = driver ?? {
    ...{ operatorId, personId, standing: 'unverified', debt: 0, requests: [], version: 0 },
  };
  const seen = papers === undefined ? known : verified(known, papers, recheckDueAt);
  const isDue = known.recheckDueAt !== undefined && known.recheckDueAt <= now;
  const next: Driver = { ...seen, paymentMethod, version: known.version + 1 };
  return driver !== undefined && isSame(driver, next) && !(isDue && papers !== undefined) ? undefined : next;
}

function isSame(one: Driver, other: Driver): boolean {
  const said = ({ standing, paymentMethod, bornOn, licence }: Driver) =>
    JSON.stringify([standing, paymentMethod, bornOn, licence?.classes, licence?.validUntil]);
  return said(one) === said(other);
}

function notValidated(errors: readonly FieldError[]): Failure {
  return new Failure(
    'unacceptable',
    'traveller-not-validated',
    'It is not said that the traveller’s papers were seen.',
    {
      resolution: 'Say in `characteristics` that they were (`isValidated`), and how old the traveller is (`age`).',
      errors,
    },
  );
}

function tooYoung(years: number): Failure {
  return new Failure('unacceptable', 'traveller-too-young', `The vehicle asks for ${years} years of age.`, {
    resolution: 'Offer the traveller a vehicle of another type.',
    errors: [{ pointer: `${pointer}/age`, detail: `is below ${years}` }],
  });
}

function licenceMissing(licence: string): Failure {
  return new Failure(
    'unacceptable',
    'traveller-licence-missing',
    `The vehicle asks for a licence of class ${licence}.`,
    {
      resolution: 'Name it in `licenses`, with `licenseType.licenseCode` and `endValidity`, or offer another vehicle.',
      errors: [{ pointer: `${pointer}/licenses`, detail: `has none of class ${licence}` }],
    },
  );
}

function licenceExpired(licence: string): Failure {
  return new Failure(
    'unacceptable',
    'traveller-licence-expired',
    `The licence of class ${licence} is no longer valid.`,
    {
      resolution: 'Have the traveller show a newer one.',
      errors: [{ pointer: `${pointer}/licenses`, detail: `has none of class ${licence} that is valid today` }],
    },
  );
}
