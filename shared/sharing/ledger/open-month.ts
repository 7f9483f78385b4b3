import type { OperatorId } from '../sharing-id.ts';
import { type BusinessMonth, monthAfter } from './business.ts';
import type { BusinessRepository } from './business-repository.ts';

/** This month of a business, or the first one after it that is not closed. */
export async function openMonthFrom(
  businesses: Pick<BusinessRepository, 'month'>,
  operatorId: OperatorId,
  businessId: string,
  month: string,
): Promise<BusinessMonth> {
  const found = await businesses.month(operatorId, businessId, month);
  return found.closed === undefined ? found : openMonthFrom(businesses, operatorId, businessId, monthAfter(month));
}
