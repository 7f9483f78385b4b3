import type { OperatorId } from '../sharing-id.ts';
import type { Member } from './business.ts';
import type { BusinessRepository } from './business-repository.ts';
import { businessOwes, notMember } from './ledger-refusals.ts';

export type MembershipBook = Pick<BusinessRepository, 'business' | 'member'>;

/** Before a hold at the cost of a business. @throws Failure `not-a-member`, `business-debt-open` */
export async function requireMembership(
  book: MembershipBook,
  operatorId: OperatorId,
  businessId: string,
  personId: string,
): Promise<Member> {
  const [member, business] = await Promise.all([
    book.member(operatorId, businessId, personId),
    book.business(operatorId, businessId),
  ]);
  if (business === undefined || member?.status !== 'accepted') throw notMember();
  if (business.debts.length > 0) throw businessOwes();
  return member;
}
