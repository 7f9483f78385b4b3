import type { SharingSetup } from '../setup/setup-repository.ts';
import type { FleetVehicle, SharingSystem } from '../setup/system.ts';
import type { OperatorId } from '../sharing-id.ts';
import type { Business } from './business.ts';
import type { BusinessRepository } from './business-repository.ts';
import { businessCannotPay, businessOwes, notMember } from './ledger-refusals.ts';

export type MembershipBook = Pick<BusinessRepository, 'business' | 'member'>;

/** Before a hold at the cost of a business. @returns the business @throws Failure `not-a-member`, `business-debt-open` */
export async function requireMembership(
  book: MembershipBook,
  operatorId: OperatorId,
  businessId: string,
  personId: string,
): Promise<Business> {
  const [member, business] = await Promise.all([
    book.member(operatorId, businessId, personId),
    book.business(operatorId, businessId),
  ]);
  if (business === undefined || member?.status !== 'accepted') throw notMember();
  if (business.debts.length > 0) throw businessOwes();
  return business;
}

/**
 * One invoice a month is in one currency, and for what the operator itself has rendered.
 *
 * @throws Failure `business-cannot-pay`
 */
export async function requirePaidFor(
  setup: Pick<SharingSetup, 'system'>,
  business: Business,
  { vehicle, system }: { readonly vehicle: FleetVehicle; readonly system: SharingSystem },
): Promise<void> {
  if (vehicle.speaks === 'partner') throw businessCannotPay('The vehicle is a partner’s, who invoices it.');
  const own = await setup.system(business.systemId);
  if (own?.currency !== system.currency) {
    throw businessCannotPay(`The city charges in ${system.currency}, the business is invoiced in another currency.`);
  }
}
