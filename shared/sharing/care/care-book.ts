import type { Instant } from '../../kernel/clock.ts';
import { untilSaved } from '../../kernel/optimistic.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';

/** What every record of care has. */
export interface CareRecord {
  readonly operatorId: OperatorId;
  /** From then on nobody keeps it. */
  readonly forgetAt: Instant;
  /** Rises with each write. */
  readonly version: number;
}

/** Where records are looked for, the newest first. */
export type CareList =
  | { readonly of: 'vehicle'; readonly vehicleId: string }
  /** What the operator's staff has to decide. */
  | { readonly of: 'desk'; readonly operatorId: OperatorId }
  | { readonly of: 'person'; readonly personId: string }
  | { readonly of: 'use'; readonly reservationId: ReservationId };

/** Records of one kind: by their id, and by the lists that they stand in. */
export interface CareBook<T extends CareRecord> {
  load(id: string): Promise<T | undefined>;
  /** @param seen what was loaded; undefined: there was none. False where somebody else was faster. */
  save(next: T, seen: T | undefined): Promise<boolean>;
  list(list: CareList, page: PageRequest): Promise<Page<T>>;
}

/** Saved once, however often: what there is under the id of the same operation stays as it is. */
export async function added<T extends CareRecord>(book: CareBook<T>, id: string, record: T): Promise<T> {
  return untilSaved(async () => {
    const known = await book.load(id);
    if (known !== undefined) return known;
    return (await book.save(record, undefined)) ? record : undefined;
  });
}

/**
 * @param decide the very same where nothing is to change
 * @param missing thrown where there is no such record
 */
export async function changed<T extends CareRecord>(
  load: () => Promise<T>,
  book: Pick<CareBook<T>, 'save'>,
  decide: (seen: T) => T,
): Promise<T> {
  return untilSaved(async () => {
    const seen = await load();
    const next = decide(seen);
    if (next === seen) return seen;
    return (await book.save(next, seen)) ? next : undefined;
  });
}

/** How often something may be done until then; false where that is used up. */
export interface Allowance {
  take(name: string, most: number, until: Instant): Promise<boolean>;
}
