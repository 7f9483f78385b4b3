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
import type { Charges, Grounding, Tasks } from './care-ports.ts';
import {
  aboveExcess,
  amountMissing,
  damageNotFound,
  excessUnknown,
  tooLateToReport,
  useUnknown,
} from './care-refusals.ts';
import { type CareUse, type CareUses, isLongOver } from './care-use.ts';
import {
  type Damage,
  type DamageCharge,
  type DamageContent,
  damageCharged,
  isKnown,
  judged,
  type Reporter,
  repaired,
  taken,
  type Verdict,
} from './damage.ts';
import { evidenceLife } from './photo.ts';
import { albumOf, lateGrace, type PhotoService, type ShownPhoto } from './photo-service.ts';

export interface DamagePorts {
  readonly damages: CareBook<Damage>;
  readonly photos: Pick<PhotoService, 'requireThere' | 'list' | 'keepAsEvidence'>;
  readonly uses: Pick<CareUses, 'require' | 'present' | 'driven' | 'drivenOne'>;
  readonly door: Pick<SharingDoor, 'operator' | 'vehicle'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly charges: Charges;
  readonly tasks: Tasks;
  readonly grounding: Grounding;
  readonly clock: Clock;
}

export interface Judgement {
  readonly outcome: Verdict | 'repaired';
  readonly reason: string;
  readonly reservationId?: ReservationId;
  readonly amount?: number;
}

/** A use, with what its driver has photographed of the vehicle. */
export interface PhotographedUse {
  readonly use: CareUse;
  readonly start: readonly ShownPhoto[];
  readonly end: readonly ShownPhoto[];
}

export interface DamageFile {
  readonly damage: Damage;
  /** Of the damage itself. */
  readonly photos: readonly ShownPhoto[];
  /** Whoever had the vehicle last, the newest first. */
  readonly uses: readonly PhotographedUse[];
}

/** Uses before the report that are shown with it: whoever says nothing of a scratch may not be the last one. */
const usesShown = 4;
/** ms: who opens the doors and walks round the vehicle says what was there when they came. */
const beforeGrace = 5 * 60_000;

/** What is broken, who said so, and what comes of it. */
export class DamageService {
  readonly #ports: DamagePorts;

  constructor(ports: DamagePorts) {
    this.#ports = ports;
  }

  /** @throws Failure `report-too-late`, `photo-not-there` */
  async report(claimant: Claimant, reservationId: ReservationId, content: DamageContent, operation: Operation) {
    const { uses, photos, clock } = this.#ports;
    const use = await uses.require(claimant, reservationId);
    if (isLongOver(use, lateGrace, clock.now())) throw tooLateToReport('a day after the end is the most');
    await photos.requireThere(reservationId, content.photoIds);
    const { vehicleId, systemId, operatorId, personId } = use;
    const reporter: Reporter = { kind: 'driver', personId, reservationId, seen: seenIn(use, clock.now()) };
    return this.#add({ vehicleId, systemId, operatorId, reporter }, content, operation);
  }

  async reportByStaff(caller: Caller, vehicleId: string, content: DamageContent, operation: Operation) {
    const { operatorId, systemId } = await this.#ports.door.vehicle(caller, vehicleId);
    const reporter: Reporter = { kind: 'staff', clientId: caller.clientId };
    return this.#add({ vehicleId, systemId, operatorId, reporter }, content, operation);
  }

  /** What is known of the vehicle that the person holds, drives, or had until a day ago, whoever said so. */
  async knownTo(claimant: Claimant, reservationId: ReservationId, page: PageRequest): Promise<Page<Damage>> {
    const { vehicleId, state } = await this.#ports.uses.require(claimant, reservationId);
    const found = await this.#ports.damages.list({ of: 'vehicle', vehicleId }, page);
    // What became of it later, with others, is no business of theirs.
    const until = state.status === 'over' ? state.at + lateGrace : Number.POSITIVE_INFINITY;
    const mine = (damage: Damage) => damage.operatorId === claimant.operatorId && damage.reportedAt <= until;
    return { ...found, items: found.items.filter((damage) => mine(damage) && isKnown(damage)) };
  }

  async ofVehicle(caller: Caller, vehicleId: string, page: PageRequest): Promise<Page<Damage>> {
    const { operatorId } = await this.#ports.door.vehicle(caller, vehicleId);
    const found = await this.#ports.damages.list({ of: 'vehicle', vehicleId }, page);
    return { ...found, items: found.items.filter((damage) => damage.operatorId === operatorId) };
  }

  /** Those that nobody has decided about, or whose charge broke off. */
  async open(caller: Caller, operatorId: OperatorId, page: PageRequest): Promise<Page<Damage>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.damages.list({ of: 'desk', operatorId }, page);
  }

  async require(caller: Caller, operatorId: OperatorId, damageId: CareId<'damage'>): Promise<Damage> {
    await this.#ports.door.operator(caller, operatorId);
    const damage = await this.#ports.damages.load(damageId);
    if (damage === undefined || damage.operatorId !== operatorId) throw damageNotFound();
    return damage;
  }

  /** With the photos of those who had the vehicle between clean and damaged. */
  async file(caller: Caller, operatorId: OperatorId, damageId: CareId<'damage'>): Promise<DamageFile> {
    const damage = await this.require(caller, operatorId, damageId);
    const { photos } = this.#ports;
    const uses = await this.#usesBefore(damage);
    const photographed = uses.map(async (use): Promise<PhotographedUse> => {
      const shown = await photos.list(use.reservationId, ['start', 'end']);
      const at = (moment: 'start' | 'end') =>
        shown.filter(({ photo }) => photo.moment === moment && photo.state.status === 'there');
      return { use, start: at('start'), end: at('end') };
    });
    const album = await photos.list(albumOfDamage(damage));
    const isOfIt = ({ photo }: ShownPhoto) =>
      damage.reporter.kind === 'staff' || damage.photoIds.includes(photo.photoId);
    return { damage, photos: album.filter(isOfIt), uses: await Promise.all(photographed) };
  }

  /**
   * Once decided it stays so; the same again goes on where it broke off, and until it has it stays open.
   *
   * @throws Failure `damage-decided`, `liability-incomplete`, `use-unknown`, `damage-excess-exceeded`, `damage-excess-unknown`
   */
  async judge(
    caller: Caller,
    operatorId: OperatorId,
    damageId: CareId<'damage'>,
    judgement: Judgement,
  ): Promise<Damage> {
    const { damages, grounding, clock } = this.#ports;
    const load = () => this.require(caller, operatorId, damageId);
    const { outcome, reason } = judgement;
    const by = caller.clientId;
    if (outcome === 'repaired') {
      const done = await changed(load, damages, (seen) => repaired(seen, clock.now(), by));
      if (done.severity === 'not-drivable') await grounding.clear(done.vehicleId);
      return done;
    }
    const liable = outcome === 'driver-liable' ? await this.#liability(await load(), judgement) : undefined;
    const verdict = { outcome, at: clock.now(), by, reason, ...(liable && { charge: liable.charge }) };
    const damage = await changed(load, damages, (seen) => judged(seen, verdict));
    const charge = damage.verdict?.charge;
    if (liable === undefined || charge === undefined) return damage;
    const { personId, systemId } = liable.use;
    await this.#ports.charges.charge({
      ...taken(charge),
      operatorId,
      systemId,
      personId,
      kind: 'damage-excess',
      reason,
      by,
      happenedAt: damage.reportedAt,
    });
    return changed(load, damages, damageCharged);
  }

  async #add(
    about: Pick<Damage, 'vehicleId' | 'systemId' | 'operatorId' | 'reporter'>,
    content: DamageContent,
    operation: Operation,
  ): Promise<Damage> {
    const { damages, tasks, grounding } = this.#ports;
    const damageId = careIdOf('damage', operation);
    const reportedAt = operation.startedAt;
    const fresh = { damageId, ...about, ...content, reportedAt, forgetAt: reportedAt + evidenceLife, version: 1 };
    const damage = await added(damages, damageId, fresh);
    const { vehicleId, systemId, operatorId, severity } = damage;
    await this.#keepPhotosAround(damage);
    if (severity === 'not-drivable') await grounding.ground(vehicleId);
    if (severity !== 'cosmetic') {
      const task = { taskId: damageId, kind: 'inspect', why: 'damage', note: `${damage.place}, ${severity}` } as const;
      await tasks.raise({ ...task, vehicleId, systemId, operatorId });
    }
    return damage;
  }

  /** A month is too short for whoever has to say who had it. */
  async #keepPhotosAround(damage: Damage): Promise<void> {
    const uses = await this.#usesBefore(damage);
    await Promise.all(uses.map(({ reservationId }) => this.#ports.photos.keepAsEvidence(reservationId)));
  }

  async #usesBefore({ vehicleId, operatorId, reportedAt, reporter }: Damage): Promise<readonly CareUse[]> {
    const isBefore = ({ startedAt = reportedAt, ...use }: CareUse) =>
      use.operatorId === operatorId && startedAt <= reportedAt;
    const found = await this.#ports.uses.driven(vehicleId, (uses) => uses.filter(isBefore).length >= usesShown);
    const driven = found.filter(isBefore).slice(0, usesShown);
    // Whoever reports before they start has no trip yet, and photos all the same.
    const present = reporter.kind === 'driver' ? await this.#ports.uses.present(vehicleId) : undefined;
    const isNew = present !== undefined && !driven.some((use) => use.reservationId === present.reservationId);
    const isReporters = reporter.kind === 'driver' && present?.reservationId === reporter.reservationId;
    return isNew && isReporters ? [present, ...driven] : driven;
  }

  async #liability(damage: Damage, { reservationId, amount }: Judgement) {
    if (reservationId === undefined || amount === undefined) throw amountMissing();
    const use = await this.#ports.uses.drivenOne(damage.vehicleId, reservationId, damage.reportedAt);
    if (use === undefined || use.operatorId !== damage.operatorId) throw useUnknown();
    await this.#ports.charges.debtor({ ...use, reservationId });
    const system = await this.#ports.setup.system(use.systemId);
    if (system?.damageExcess === undefined) throw excessUnknown();
    const { damageExcess, currency } = system;
    if (amount > damageExcess) throw aboveExcess(damageExcess, currency);
    const chargeId = chargeIdFor(damage.damageId);
    const charge: DamageCharge = { chargeId, reservationId, amount, currency, open: true };
    return { use, charge };
  }
}

/** In a driver's report the photos are those of their use. */
function albumOfDamage({ reporter, damageId, operatorId, vehicleId }: Damage): string {
  if (reporter.kind === 'driver') return reporter.reservationId;
  return albumOf(operatorId, { kind: 'staff', damageId, vehicleId });
}

function seenIn(use: CareUse, now: number): 'before' | 'during' | 'after' {
  if (use.state.status === 'over') return 'after';
  return use.startedAt === undefined || now < use.startedAt + beforeGrace ? 'before' : 'during';
}
