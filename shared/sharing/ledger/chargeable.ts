import { isPersonId } from '../../access/person.ts';
import { isTraveller } from '../../partners/traveller-id.ts';
import { nobodyToCharge, partnersCustomer } from './ledger-refusals.ts';

/**
 * Whether somebody could be asked at all: whom a partner has booked for pays by the partner, of whose account a charge is no
 * part; who was erased is nobody any more.
 *
 * @throws Failure `partner-customer`, `account-not-found`
 */
export function requireOwnCustomer(personId: string): void {
  if (isTraveller(personId)) throw partnersCustomer();
  if (!isPersonId(personId)) throw nobodyToCharge();
}
