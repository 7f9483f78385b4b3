import { Failure } from '../../kernel/failure.ts';
import type { Payments } from '../payments/payments.ts';
import { depositOf } from '../prices/bill.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { driverBlocked } from './booking-refusals.ts';
import type { BookingService } from './booking-service.ts';
import type { Assigned } from './reservation.ts';

export interface DepositPorts {
  readonly service: Pick<BookingService, 'driver'>;
  readonly setup: Pick<SharingSetup, 'plan'>;
  readonly payments: Pick<Payments, 'authorize'>;
}

/**
 * Before anything is opened: once for a reservation, however often it is asked.
 *
 * @throws Failure `forbidden` (`driver-blocked`), `conflict` (`payment-declined`)
 */
export async function setAside(
  { service, setup, payments }: DepositPorts,
  { assignment, systemId, operatorId }: Assigned,
): Promise<void> {
  const { planId, planVersion, packageId, reservationId, personId, billTo } = assignment;
  const [driver, plan] = await Promise.all([
    service.driver(operatorId, personId),
    setup.plan(systemId, planId, planVersion),
  ]);
  if (driver?.standing === 'blocked') throw driverBlocked();
  // The business pays at the end of the month, and nothing is set aside.
  if (billTo !== undefined) return;
  if (driver?.paymentMethod === undefined || plan === undefined) throw declined('no-payment-method');
  const deposit = depositOf(plan, packageId);
  const answer = await payments.authorize(reservationId, deposit, plan.currency, driver.paymentMethod);
  if (answer.kind === 'declined') throw declined(answer.reason);
}

function declined(reason: string): Failure {
  return new Failure('conflict', 'payment-declined', `The payment was declined: ${reason}.`, {
    resolution:
      'The driver names another payment method with POST …/account, and it is asked again. The hold goes on meanwhile.',
  });
}
