import type { Instant } from '../../kernel/clock.ts';
import type { OperatorId } from '../sharing-id.ts';
import { alreadyHolding, debtOpen } from './booking-refusals.ts';
import type { Driver } from './driver.ts';
import { isIdle } from './hold.ts';

/** What somebody has seen of a person's papers. */
export interface Papers {
  /** `2001-05-31` */
  readonly bornOn: string;
  readonly licence?: NonNullable<Driver['licence']>;
}

/** A person who joins an operator; who is there already changes how they pay. */
export function joined(
  driver: Driver | undefined,
  { operatorId, personId }: { readonly operatorId: OperatorId; readonly personId: string },
  paymentMethod: string,
): Driver {
  if (driver === undefined) {
    return { ...{ operatorId, personId }, standing: 'unverified', paymentMethod, debt: 0, requests: [], version: 1 };
  }
  const standing = driver.standing === 'left' ? 'unverified' : driver.standing;
  return { ...driver, standing, paymentMethod, version: driver.version + 1 };
}

/**
 * What was seen of their papers, and how they pay, goes at once. Who is blocked is so when they come back.
 *
 * @throws Failure `conflict` with a vehicle (`already-holding`) or a debt (`debt-open`)
 */
export function left(driver: Driver, now: Instant): Driver {
  if (!isIdle(driver, now)) throw alreadyHolding();
  if (driver.debt !== 0) throw debtOpen();
  const { bornOn: _, licence: __, paymentMethod: ___, active: ____, recheckDueAt: _____, ...rest } = driver;
  const standing = driver.standing === 'blocked' ? 'blocked' : 'left';
  return { ...rest, standing, version: driver.version + 1 };
}

/** Somebody has seen the papers. Who is blocked stays so. @param recheckDueAt when a licence is to be seen again */
export function verified(driver: Driver, { bornOn, licence }: Papers, recheckDueAt: Instant): Driver {
  const { licence: _, recheckDueAt: __, ...rest } = driver;
  const standing = driver.standing === 'blocked' ? 'blocked' : 'verified';
  const term = licence === undefined ? {} : { licence, recheckDueAt };
  return { ...rest, ...term, standing, bornOn, version: driver.version + 1 };
}

/** Days for which a licence that was seen is believed in, where the operator does not say otherwise. */
export const recheckDays = 180;
const day = 86_400_000;
/** ms before the term in which a driver is reminded. */
const reminder = 30 * day;

/** How their licence stands: nothing to do, to be seen again soon, or before anything new is held. */
export function licenceCheck({ licence, recheckDueAt }: Driver, now: Instant): 'fine' | 'soon' | 'due' | undefined {
  if (licence === undefined) return undefined;
  // Its last day ends later somewhere: the hold itself decides by the city's clock.
  const lastDay = Date.parse(`${licence.validUntil}T23:59:59Z`);
  const dueAt = Math.min(recheckDueAt ?? lastDay, lastDay);
  if (dueAt <= now) return 'due';
  return dueAt - reminder <= now ? 'soon' : 'fine';
}

/** No new hold, and no key for one that has not begun; what they drive they finish. Undefined where they are blocked. */
export function blocked(driver: Driver): Driver | undefined {
  if (driver.standing === 'blocked') return undefined;
  return { ...driver, standing: 'blocked', version: driver.version + 1 };
}

/** Undefined where they are not blocked. */
export function unblocked(driver: Driver): Driver | undefined {
  if (driver.standing !== 'blocked') return undefined;
  const standing = driver.bornOn === undefined ? 'unverified' : 'verified';
  return { ...driver, standing, version: driver.version + 1 };
}
