import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { Claimant } from '../bookings/booking-service.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { OperatorId, ReservationId } from '../sharing-id.ts';
import { added, type CareBook, changed } from './care-book.ts';
import { type CareId, careIdOf, chargeIdFor } from './care-id.ts';
import type { Charges, Tasks } from './care-ports.ts';
import {
  aboveExcess,
  amountMissing,
  dirtNotFound,
  excessUnknown,
  tooLateToReport,
  useUnknown,
} from './care-refusals.ts';
import type { CareUses } from './care-use.ts';
import { type DamageCharge, taken } from './damage.ts';
import { type Dirt, type DirtOutcome, dirtCharged, dirtDecided, dirtGrace, dirtLife } from './dirt.ts';

export interface DirtPorts {
  readonly dirt: CareBook<Dirt>;
  readonly uses: Pick<CareUses, 'require' | 'drivenOne'>;
  readonly door: Pick<SharingDoor, 'operator'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly charges: Charges;
  readonly tasks: Tasks;
  readonly clock: Clock;
}

export interface DirtDecision {
  readonly outcome: DirtOutcome;
  readonly reason: string;
  readonly reservationId?: ReservationId;
  readonly amount?: number;
}

/** Vehicles that are to be cleaned, and who pays for it. */
export class DirtService {
  readonly #ports: DirtPorts;

  constructor(ports: DirtPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `report-too-late`: from ten minutes after the start on it is their own */
  async report(
    claimant: Claimant,
    reservationId: ReservationId,
    { level, text }: Pick<Dirt, 'level' | 'text'>,
    operation: Operation,
  ): Promise<Dirt> {
    const { uses, dirt, tasks, clock } = this.#ports;
    const use = await uses.require(claimant, reservationId);
    const isLate = use.startedAt !== undefined && use.startedAt + dirtGrace < clock.now();
    if (isLate || use.state.status === 'over') throw tooLateToReport('ten minutes after the start are the most');
    const dirtId = careIdOf('dirt', operation);
    const { vehicleId, systemId, operatorId, personId } = use;
    const reportedAt = operation.startedAt;
    const reporter = { personId, reservationId };
    const ids = { dirtId, vehicleId, systemId, operatorId, reporter };
    const report = { ...ids, level, text, reportedAt, forgetAt: reportedAt + dirtLife, version: 1 };
    const kept = await added(dirt, dirtId, report);
    const task = { taskId: dirtId, kind: 'clean', why: 'dirt', note: level } as const;
    await tasks.raise({ ...task, vehicleId, systemId, operatorId });
    return kept;
  }

  /** Those that nobody has decided about, or whose charge broke off. */
  async open(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<Dirt>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.dirt.list({ of: 'desk', operatorId }, page);
  }

  async require(caller: Caller, operatorId: OperatorId, dirtId: CareId<'dirt'>): Promise<Dirt> {
    await this.#ports.door.operator(caller, operatorId);
    const known = await this.#ports.dirt.load(dirtId);
    if (known === undefined || known.operatorId !== operatorId) throw dirtNotFound();
    return known;
  }

  /** Once decided it stays so; the same again goes on where it broke off, and until it has it stays open. */
  async decide(caller: Caller, operatorId: OperatorId, dirtId: CareId<'dirt'>, decision: DirtDecision): Promise<Dirt> {
    const { dirt, charges, clock } = this.#ports;
    const load = () => this.require(caller, operatorId, dirtId);
    const { outcome, reason } = decision;
    const payer = outcome === 'driver-pays' ? await this.#payer(await load(), decision) : undefined;
    const done = { outcome, at: clock.now(), by: caller.clientId, reason, ...(payer && { charge: payer.charge }) };
    const decided = await changed(load, dirt, (seen) => dirtDecided(seen, done));
    const charge = decided.done?.charge;
    if (payer === undefined || charge === undefined) return decided;
    const { personId, systemId } = payer.use;
    const about = { kind: 'cleaning', reason, by: caller.clientId, happenedAt: decided.reportedAt } as const;
    await charges.charge({ ...taken(charge), operatorId, systemId, personId, ...about });
    return changed(load, dirt, dirtCharged);
  }

  /** Whoever drove it before; at most what they agreed to pay for damage. */
  async #payer(dirt: Dirt, { reservationId, amount }: DirtDecision) {
    if (reservationId === undefined || amount === undefined) throw amountMissing();
    const use = await this.#ports.uses.drivenOne(dirt.vehicleId, reservationId, dirt.reportedAt);
    const isReporters = reservationId === dirt.reporter?.reservationId;
    if (use === undefined || use.operatorId !== dirt.operatorId || isReporters) throw useUnknown();
    await this.#ports.charges.debtor({ ...use, reservationId });
    const system = await this.#ports.setup.system(use.systemId);
    if (system?.damageExcess === undefined) throw excessUnknown();
    if (amount > system.damageExcess) throw aboveExcess(system.damageExcess, system.currency);
    const chargeId = chargeIdFor(dirt.dirtId);
    const charge: DamageCharge = { chargeId, reservationId, amount, currency: system.currency, open: true };
    return { use, charge };
  }
}
