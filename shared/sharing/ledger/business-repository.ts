import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { ChargeId, OperatorId } from '../sharing-id.ts';
import type { AccountEntry, Business, BusinessMonth, Invitation, Member } from './business.ts';
import type { Sums } from './day-sums.ts';

export interface BusinessRepository {
  business(operatorId: OperatorId, businessId: string): Promise<Business | undefined>;
  /** @param seen version of what was loaded; undefined: there was none. False where somebody else was faster. */
  saveBusiness(business: Business, seen: number | undefined): Promise<boolean>;
  businesses(operatorId: OperatorId, page: PageRequest): Promise<Page<Business>>;

  member(operatorId: OperatorId, businessId: string, personId: string): Promise<Member | undefined>;
  /** With its line in the person's list. @param used an invitation that is good no more */
  saveMember(member: Member, seen: number | undefined, used?: Invitation): Promise<boolean>;
  members(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<Member>>;
  membershipsOf(operatorId: OperatorId, personId: string): Promise<readonly Member[]>;

  addInvitation(invitation: Invitation): Promise<void>;
  invitation(operatorId: OperatorId, codeHash: string): Promise<Invitation | undefined>;

  month(operatorId: OperatorId, businessId: string, month: string): Promise<BusinessMonth>;
  /** False where something was added meanwhile, or it is closed. */
  closeMonth(month: BusinessMonth, charge: ChargeId): Promise<boolean>;
  /**
   * Closes the one month and puts what it came to into the other, at once. False where either is not as it was seen.
   *
   * @param carried what stands in `into` afterwards
   */
  carryMonth(from: BusinessMonth, into: BusinessMonth, carried: Sums): Promise<boolean>;
  /** Those in which something stands, the first one first. */
  months(operatorId: OperatorId, businessId: string, page: PageRequest): Promise<Page<BusinessMonth>>;
  entries(operatorId: OperatorId, businessId: string, month: string, page: PageRequest): Promise<Page<AccountEntry>>;
}
