import type { Caller } from '../../access/caller.ts';
import type { Operation } from '../../access/idempotent-operation.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { SetupRepository } from '../setup/setup-repository.ts';
import type { FleetVehicle, SharingSystem } from '../setup/system.ts';
import { chargeIdOf, type OperatorId } from '../sharing-id.ts';
import type { Charge } from './charge.ts';
import type { ChargeRepository } from './charge-repository.ts';
import type { ChargeService } from './charge-service.ts';
import { instantsOf, wallTime } from './city-time.ts';
import { noTripThen, notYet, onlyHeldThen, plateUnknown, timeAmbiguous } from './ledger-refusals.ts';
import type { Had, WhoDrove } from './who-drove.ts';

export interface FinePorts {
  readonly charges: Pick<ChargeRepository, 'charge' | 'chargeOfFine'>;
  readonly service: Pick<ChargeService, 'charge' | 'settle'>;
  readonly whoDrove: Pick<WhoDrove, 'at'>;
  readonly door: Pick<SharingDoor, 'operator' | 'vehicle'>;
  readonly setup: Pick<SetupRepository, 'system' | 'systems' | 'fleetVehicle'> & PlateBook;
  readonly clock: Clock;
}

export interface PlateBook {
  /** Which vehicle of the system has it now. */
  labelled(systemId: SharingSystem['systemId'], label: string): Promise<string | undefined>;
}

/** What an authority writes of. */
export interface FineNotice {
  /** As it stands on the vehicle; or the vehicle's id. */
  readonly plate?: string;
  readonly vehicleId?: string;
  /** An instant; or by the clock of the city, `2026-11-22T14:30`. */
  readonly at: Instant | string;
  readonly authority: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly kind: 'fine' | 'toll';
  readonly reason: string;
}

/** What was found, and what is asked of whoever it was. */
export interface FineOutcome {
  readonly charge: Charge;
  /** It was known: nothing new is charged. */
  readonly isKnown: boolean;
}

/** Fines and tolls: who had the vehicle at that time pays them, once. */
export class FineService {
  readonly #ports: FinePorts;

  constructor(ports: FinePorts) {
    this.#ports = ports;
  }

  /** @throws Failure `no-trip-then`, `only-held-then`, `plate-unknown`, `time-ambiguous`, and those of a charge */
  async charge(caller: Caller, operatorId: OperatorId, notice: FineNotice, operation: Operation): Promise<FineOutcome> {
    const { door, service, whoDrove, clock } = this.#ports;
    await door.operator(caller, operatorId);
    const known = await this.#known(operatorId, notice);
    if (known !== undefined) return { charge: known, isKnown: true };
    const { vehicle, system } = await this.#vehicle(caller, operatorId, notice);
    const at = typeof notice.at === 'number' ? notice.at : instantIn(system, notice.at);
    // Whoever has it now is not who will have it.
    if (at > clock.now()) throw notYet();
    const { trip } = requireUse(await whoDrove.at(vehicle.vehicleId, at), system, operatorId);
    const { authority, reference, amount, currency, kind, reason } = notice;
    const chargeId = chargeIdOf(operation.operationId, operation.startedAt);
    try {
      const charge = await service.charge({
        ...{ chargeId, operatorId, personId: trip.personId, systemId: system.systemId, kind, amount, currency, reason },
        ...{ by: caller.clientId, happenedAt: at, reservationId: trip.reservationId },
        ...{ evidence: `${authority} ${reference}`, fine: { authority, reference, plate: vehicle.label } },
      });
      return { charge, isKnown: false };
    } catch (error) {
      // Somebody else typed in the same letter at the same moment.
      const other = error instanceof Failure ? await this.#known(operatorId, notice) : undefined;
      if (other === undefined) throw error;
      return { charge: other, isKnown: true };
    }
  }

  async #known(operatorId: OperatorId, { authority, reference }: FineNotice): Promise<Charge | undefined> {
    const { charges, service } = this.#ports;
    const chargeId = await charges.chargeOfFine(operatorId, authority, reference);
    return chargeId === undefined ? undefined : service.settle(chargeId);
  }

  async #vehicle(caller: Caller, operatorId: OperatorId, { plate, vehicleId }: FineNotice) {
    const { door, setup } = this.#ports;
    const id = vehicleId ?? (plate === undefined ? undefined : await this.#plated(operatorId, plate));
    if (id === undefined) throw plateUnknown();
    const vehicle: FleetVehicle = await door.vehicle(caller, id);
    const system = await setup.system(vehicle.systemId);
    if (vehicle.operatorId !== operatorId || system === undefined) throw plateUnknown();
    return { vehicle, system };
  }

  async #plated(operatorId: OperatorId, plate: string): Promise<string | undefined> {
    const { setup } = this.#ports;
    let from: string | undefined;
    do {
      const { items, next } = await setup.systems(operatorId, { limit: 100, ...(from !== undefined && { from }) });
      for (const { systemId } of items) {
        const vehicleId = await setup.labelled(systemId, plate);
        if (vehicleId !== undefined) return vehicleId;
      }
      from = next;
    } while (from !== undefined);
    return undefined;
  }
}

function instantIn({ timeZone }: SharingSystem, local: string): Instant {
  const choices = instantsOf(timeZone, local);
  const [only] = choices;
  if (only === undefined || choices.length > 1) throw timeAmbiguous(choices.map((at) => new Date(at).toISOString()));
  return only;
}

function requireUse(had: Had, { timeZone }: SharingSystem, operatorId: OperatorId) {
  const isTheirs = had.kind === 'nobody' || had.trip.operatorId === operatorId;
  if (had.kind === 'trip' && isTheirs) return had;
  const told = (says: string, at: Instant | undefined) =>
    at === undefined ? [] : [`${says} ${wallTime(timeZone, at)} (${new Date(at).toISOString()})`];
  const { before, after } = had.kind === 'trip' ? {} : had;
  const edges = [...told('The trip before ended', before), ...told('the next one began', after)].join('; ');
  const sentence =
    edges === '' || !isTheirs ? 'No trip is near.' : `${edges.charAt(0).toUpperCase()}${edges.slice(1)}.`;
  throw had.kind === 'held' && isTheirs ? onlyHeldThen(sentence) : noTripThen(sentence);
}
