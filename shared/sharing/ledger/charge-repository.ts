import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { ChargeId, OperatorId } from '../sharing-id.ts';
import type { Charge } from './charge.ts';

export interface ChargeRepository {
  charge(chargeId: ChargeId): Promise<Charge | undefined>;
  /** False where there is one of this id, or one of the same fine. */
  addCharge(charge: Charge): Promise<boolean>;
  /** False where it has another version than was seen. */
  saveCharge(charge: Charge, seen: number): Promise<boolean>;
  /** The newest first. */
  chargesOf(operatorId: OperatorId, personId: string, page: PageRequest): Promise<Page<Charge>>;
  /** All of an operator, the newest first. */
  charges(operatorId: OperatorId, page: PageRequest): Promise<Page<Charge>>;
  /** The charge that was made for this fine. */
  chargeOfFine(operatorId: OperatorId, authority: string, reference: string): Promise<ChargeId | undefined>;
}

/** Two writings of one name are one: authorities are not consistent about spaces and capitals. */
export function fineName(authority: string, reference: string): string {
  return [authority, reference].map((text) => text.toUpperCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')).join('#');
}
