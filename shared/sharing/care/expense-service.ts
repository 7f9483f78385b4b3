import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import { added, type CareBook, changed } from './care-book.ts';
import { type CareId, expenseIdFor } from './care-id.ts';
import { expenseNotFound, receiptReported, tooLateToReport } from './care-refusals.ts';
import { type CareUses, isLongOver } from './care-use.ts';
import { type Expense, expenseDecided } from './expense.ts';
import { evidenceLife } from './photo.ts';
import { lateGrace, type PhotoService, type ShownPhoto } from './photo-service.ts';

export interface ExpensePorts {
  readonly expenses: CareBook<Expense>;
  readonly photos: Pick<PhotoService, 'requireThere' | 'list'>;
  readonly uses: Pick<CareUses, 'require'>;
  readonly door: Pick<SharingDoor, 'operator'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly clock: Clock;
}

export type ExpenseContent = Pick<Expense, 'kind' | 'amount' | 'photoId'>;

/** What drivers have paid for vehicles, and are to get back. */
export class ExpenseService {
  readonly #ports: ExpensePorts;

  constructor(ports: ExpensePorts) {
    this.#ports = ports;
  }

  /** Once for a receipt. @throws Failure `report-too-late`, `photo-not-there`, `receipt-reported` */
  async report(claimant: Claimant, reservationId: ReservationId, content: ExpenseContent, operation: Operation) {
    const { uses, photos, expenses, setup, clock } = this.#ports;
    const use = await uses.require(claimant, reservationId);
    if (use.startedAt === undefined || isLongOver(use, lateGrace, clock.now())) {
      throw tooLateToReport('a day after a trip is the most');
    }
    await photos.requireThere(reservationId, [content.photoId], ['receipt']);
    const { vehicleId, systemId, operatorId, personId } = use;
    const system = await setup.system(systemId);
    if (system === undefined) throw noCurrency();
    const expenseId = expenseIdFor(content.photoId);
    const reportedAt = operation.startedAt;
    const expense: Expense = {
      ...{ expenseId, operatorId, systemId, vehicleId, personId, reservationId, ...content },
      ...{ currency: system.currency, reportedAt, state: { status: 'reported' } },
      ...{ forgetAt: reportedAt + evidenceLife, version: 1 },
    };
    const kept = await added(expenses, expenseId, expense);
    if (kept.kind !== expense.kind || kept.amount !== expense.amount) throw receiptReported();
    return kept;
  }

  async mine({ personId, operatorId }: Claimant, page: PageRequest): Promise<Page<Expense>> {
    const found = await this.#ports.expenses.list({ of: 'person', personId }, page);
    return { ...found, items: found.items.filter((expense) => expense.operatorId === operatorId) };
  }

  async open(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<Expense>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.expenses.list({ of: 'desk', operatorId }, page);
  }

  async require(caller: Caller, operatorId: OperatorId, expenseId: CareId<'expense'>): Promise<Expense> {
    await this.#ports.door.operator(caller, operatorId);
    const expense = await this.#ports.expenses.load(expenseId);
    if (expense === undefined || expense.operatorId !== operatorId) throw expenseNotFound();
    return expense;
  }

  /** With its receipt. */
  async file(caller: Caller, operatorId: OperatorId, expenseId: CareId<'expense'>) {
    const expense = await this.require(caller, operatorId, expenseId);
    const shown = await this.#ports.photos.list(expense.reservationId, ['receipt']);
    const receipt: ShownPhoto | undefined = shown.find(({ photo }) => photo.photoId === expense.photoId);
    return { expense, ...(receipt !== undefined && { receipt }) };
  }

  /** What is approved the operator pays back by its own means: the ledger gives back no more than it has taken. */
  async decide(
    caller: Caller,
    operatorId: OperatorId,
    expenseId: CareId<'expense'>,
    { status, reason }: { readonly status: 'approved' | 'declined'; readonly reason: string },
  ): Promise<Expense> {
    const { expenses, clock } = this.#ports;
    const state = { status, at: clock.now(), by: caller.clientId, reason };
    return changed(
      () => this.require(caller, operatorId, expenseId),
      expenses,
      (seen) => expenseDecided(seen, state),
    );
  }
}

function noCurrency(): Failure {
  return new Failure('not-found', 'system-not-found', 'The city of this trip is gone.', {
    resolution: 'Turn to the operator.',
  });
}
