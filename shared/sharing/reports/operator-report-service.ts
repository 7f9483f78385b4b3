import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure, type FieldError } from '../../kernel/failure.ts';
import { type Assignment, expiryGuard } from '../bookings/booked-vehicle.ts';
import { holdExpired } from '../bookings/booking-refusals.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { type DepositPorts, setAside } from '../bookings/deposit.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { FleetVehicle } from '../setup/system.ts';
import type { LogService } from '../trips/log-service.ts';
import type { TripRepository } from '../trips/trip-repository.ts';
import { lineOf, type OperatorReport, statusOf } from './operator-report.ts';
import type { StatusBoard } from './status-board.ts';

export interface OperatorReportPorts {
  readonly door: SharingDoor;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly statuses: Pick<StatusBoard, 'note'>;
  readonly logs: Pick<LogService, 'record'>;
  readonly trips: Pick<TripRepository, 'load'>;
  readonly deposits: DepositPorts;
  readonly clock: Clock;
}

type Use = Pick<Assignment, 'reservationId' | 'heldAt'>;
type ReportedEvents = NonNullable<OperatorReport['events']>;

/** ms by which an operator's clock may be ahead. A report from the future would outdo all that follow. */
const ahead = 60_000;

/** Bikes and scooters without a device of ours: their operator's client says what they do, and answers for it. */
export class OperatorReportService {
  readonly #ports: OperatorReportPorts;

  constructor(ports: OperatorReportPorts) {
    this.#ports = ports;
  }

  /**
   * Before the operator opens it for whoever holds it: money is set aside. As often as it is asked, once.
   *
   * @throws Failure `vehicle-not-held`, `hold-expired`, `payment-declined`
   */
  async permitOpening(caller: Caller, vehicleId: string): Promise<void> {
    const { door, bookings, deposits, clock } = this.#ports;
    const vehicle = await door.vehicle(caller, vehicleId);
    if (vehicle.speaks !== 'operator') throw speaksForItself();
    const booking = await bookings.vehicle(vehicleId);
    if (booking?.assignment === undefined) throw notHeld();
    const { assignment } = booking;
    // Who drives is asked for nothing more before the end.
    if (assignment.startedAt !== undefined) return;
    if (assignment.expiresAt <= clock.now()) throw holdExpired();
    await setAside(deposits, { ...booking, assignment });
  }

  /** Each may come twice, late and in any order; events wait for those before them. */
  async hear(caller: Caller, vehicleId: string, report: OperatorReport): Promise<FleetVehicle> {
    const { door, statuses, logs } = this.#ports;
    const vehicle = await door.vehicle(caller, vehicleId);
    if (vehicle.speaks !== 'operator') throw speaksForItself();
    await this.#requirePossible(vehicleId, report);
    const { status, events = [] } = report;
    if (events.length > 0) {
      await logs.record(
        vehicleId,
        events.map((event) => lineOf(vehicleId, event)),
      );
    }
    // Afterwards: a charge that is low takes out of service only what nobody has any more.
    if (status !== undefined) await statuses.note(vehicleId, vehicle.systemId, statusOf(status));
    return vehicle;
  }

  async #requirePossible(vehicleId: string, { status, events = [] }: OperatorReport): Promise<void> {
    const latest = this.#ports.clock.now() + ahead;
    const { fence = 0, assignment } = (await this.#ports.bookings.vehicle(vehicleId)) ?? {};
    const uses = new Map<number, Use>(await this.#formerUses(vehicleId, events, assignment && fence));
    if (assignment !== undefined) uses.set(fence, assignment);
    const errors: FieldError[] = [
      ...(status !== undefined && status.at > latest ? [{ pointer: '/status/at', detail: 'lies in the future' }] : []),
      ...events.flatMap((event, index) => [
        ...(event.at > latest ? [{ pointer: `/events/${index}/at`, detail: 'lies in the future' }] : []),
        ...(event.fence > fence
          ? [{ pointer: `/events/${index}/fence`, detail: `is of nobody yet: the present one is ${fence}` }]
          : []),
        ...contradictions(event, uses.get(event.fence)).map(({ pointer, detail }) => ({
          ...{ pointer: `/events/${index}${pointer}`, detail },
        })),
      ]),
    ];
    if (errors.length === 0) return;
    throw new Failure('invalid', 'report-not-possible', 'What is reported cannot have happened.', {
      resolution:
        'GET /v1/sharing/vehicles/{vehicleId} names reservation and fence; times are in UTC or have an offset.',
      errors,
    });
  }

  /** Whose they were; of one that was a moment ago the record may not be there yet. */
  async #formerUses(vehicleId: string, events: ReportedEvents, present = 0): Promise<readonly [number, Use][]> {
    const fences = [...new Set(events.map(({ fence }) => fence))].filter((fence) => fence !== present);
    const trips = await Promise.all(fences.map((fence) => this.#ports.trips.load({ vehicleId, fence })));
    return trips.flatMap((trip) => (trip === undefined ? [] : [[trip.fence, trip] satisfies [number, Use]]));
  }
}

function contradictions({ reservationId, at }: ReportedEvents[number], use: Use | undefined): FieldError[] {
  if (use === undefined) return [];
  if (use.reservationId !== reservationId) {
    return [{ pointer: '/reservationId', detail: 'is not the one with this fence' }];
  }
  return at < use.heldAt - expiryGuard ? [{ pointer: '/at', detail: 'lies before the hold' }] : [];
}

/** Of two events with one number the first stands. */
export function reportContradicts(): Failure {
  return new Failure('unacceptable', 'report-contradicts', 'Another event was reported under the same number before.', {
    resolution: 'GET /v1/sharing/vehicles/{vehicleId} names the last number that is known; go on after it.',
  });
}

function notHeld(): Failure {
  return new Failure('conflict', 'vehicle-not-held', 'Nobody holds the vehicle.', {
    resolution: 'Its driver reserves it first.',
  });
}

function speaksForItself(): Failure {
  return new Failure('conflict', 'vehicle-speaks-for-itself', 'The vehicle reports by itself what it does.', {
    resolution: 'Only for vehicles without a VIN does their operator speak.',
  });
}
