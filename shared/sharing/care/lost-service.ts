import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import { added, type CareBook, changed } from './care-book.ts';
import { type CareId, careIdOf } from './care-id.ts';
import { itemNotFound, itemStepImpossible, itemsDoNotFit, tooLateToReport } from './care-refusals.ts';
import { type CareUses, isLongOver } from './care-use.ts';
import {
  disposed,
  itemLife,
  type LostItem,
  likeliestFirst,
  lostLife,
  matched,
  mayBeSame,
  returned,
  unmatched,
} from './lost-item.ts';

export interface LostPorts {
  readonly items: CareBook<LostItem>;
  readonly uses: Pick<CareUses, 'require'>;
  readonly door: Pick<SharingDoor, 'operator' | 'vehicle'>;
  readonly clock: Clock;
}

export type ItemContent = Pick<LostItem, 'kind' | 'text'>;

export interface ItemStep {
  readonly to: 'matched' | 'returned' | 'disposed';
  readonly with?: CareId<'item'>;
  readonly pickUp?: string;
}

export interface ItemFile {
  readonly item: LostItem;
  /** What it may be the other half of, the likeliest first. */
  readonly suggestions: readonly LostItem[];
}

/** How many of a vehicle's items are looked through. */
const looked = 100;

/** What was left in vehicles. Who lost and who found it never learn of each other: the operator stands between them. */
export class LostService {
  readonly #ports: LostPorts;

  constructor(ports: LostPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `report-too-late`: sixty days after the trip */
  async reportLost(claimant: Claimant, reservationId: ReservationId, content: ItemContent, operation: Operation) {
    const { uses, items, clock } = this.#ports;
    const use = await uses.require(claimant, reservationId);
    const now = clock.now();
    if (use.startedAt === undefined || isLongOver(use, lostLife, now)) {
      throw tooLateToReport('sixty days after a trip are the most');
    }
    const { vehicleId, systemId, operatorId, personId, startedAt } = use;
    const reportedAt = operation.startedAt;
    const itemId = careIdOf('item', operation);
    const item: LostItem = {
      ...{ itemId, side: 'lost', vehicleId, systemId, operatorId, ...content, reportedAt },
      ...{ from: startedAt, to: use.state.status === 'over' ? use.state.at : now },
      ...{ loser: { personId, reservationId }, state: { status: 'lost' } },
      ...{ forgetAt: reportedAt + itemLife, version: 1 },
    };
    return added(items, itemId, item);
  }

  async reportFound(caller: Caller, vehicleId: string, content: ItemContent & { at: Instant }, operation: Operation) {
    const { systemId, operatorId } = await this.#ports.door.vehicle(caller, vehicleId);
    const { at, kind, text } = content;
    const reportedAt = operation.startedAt;
    const itemId = careIdOf('item', operation);
    const item: LostItem = {
      ...{ itemId, side: 'found', vehicleId, systemId, operatorId, kind, text, reportedAt },
      ...{ from: at, to: at, state: { status: 'found' }, forgetAt: reportedAt + itemLife, version: 1 },
    };
    return added(this.#ports.items, itemId, item);
  }

  /** What a person has lost with this operator. A page may be short. */
  async mine({ personId, operatorId }: Claimant, page: PageRequest): Promise<Page<LostItem>> {
    const found = await this.#ports.items.list({ of: 'person', personId }, page);
    return { ...found, items: found.items.filter((item) => item.operatorId === operatorId) };
  }

  async open(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<LostItem>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.items.list({ of: 'desk', operatorId }, page);
  }

  async file(caller: Caller, operatorId: OperatorId, itemId: CareId<'item'>): Promise<ItemFile> {
    const item = await this.require(caller, operatorId, itemId);
    if (item.state.status !== item.side) return { item, suggestions: [] };
    const list = { of: 'vehicle', vehicleId: item.vehicleId } as const;
    const { items } = await this.#ports.items.list(list, { limit: looked });
    const others = items.filter((other) => other.state.status === other.side && belongTogether(item, other));
    return { item, suggestions: likeliestFirst(item, others) };
  }

  async require(caller: Caller, operatorId: OperatorId, itemId: CareId<'item'>): Promise<LostItem> {
    await this.#ports.door.operator(caller, operatorId);
    const item = await this.#ports.items.load(itemId);
    if (item === undefined || item.operatorId !== operatorId) throw itemNotFound();
    return item;
  }

  /** Both halves go together; the same again goes on where it broke off. */
  async step(caller: Caller, operatorId: OperatorId, itemId: CareId<'item'>, step: ItemStep): Promise<LostItem> {
    const load = (id: CareId<'item'>) => () => this.require(caller, operatorId, id);
    const { items, clock } = this.#ports;
    const now = clock.now();
    if (step.to !== 'matched') {
      const end = step.to === 'returned' ? returned : disposed;
      const before = await load(itemId)();
      if (step.to === 'disposed' && before.side === 'lost') throw itemStepImpossible(before.state.status, 'disposed');
      const other = before.state.status === 'matched' ? before.state.with : undefined;
      if (other !== undefined) await changed(load(other), items, (seen) => end(seen, now));
      return changed(load(itemId), items, (seen) => end(seen, now));
    }
    if (step.with === undefined) throw itemsDoNotFit();
    const [item, other] = await Promise.all([load(itemId)(), load(step.with)()]);
    if (!belongTogether(item, other)) throw itemsDoNotFit();
    const { pickUp = '' } = step;
    const match = (one: LostItem, to: LostItem) => matched(one, to.itemId, pickUp, now);
    // Where either is another's already, both are left as they were.
    match(item, other);
    match(other, item);
    const [found, lost] = item.side === 'found' ? [item, other] : [other, item];
    // What two have lost is found once: who is faster has it, and the other one's is never told to be there.
    const kept = await changed(load(found.itemId), items, (seen) => match(seen, lost));
    try {
      const told = await changed(load(lost.itemId), items, (seen) => match(seen, found));
      return item.side === 'found' ? kept : told;
    } catch (error) {
      if (error instanceof Failure && error.kind === 'conflict')
        await changed(load(found.itemId), items, (seen) => unmatched(seen, lost.itemId));
      throw error;
    }
  }
}

function belongTogether(one: LostItem, other: LostItem): boolean {
  return mayBeSame(one, other) || mayBeSame(other, one);
}
