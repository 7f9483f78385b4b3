import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { SharingAnswer, SharingReport } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { withoutLog } from '../bookings/use.ts';
import { toldAll } from '../contact/line.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SetupRepository } from '../setup/setup-repository.ts';
import type { FleetVehicle } from '../setup/system.ts';
import type { LogService } from '../trips/log-service.ts';
import type { ChargeWatch } from './charge-watch.ts';
import { StatusBoard } from './status-board.ts';

/** The vehicle's own topic. */
export interface AnswerChannel {
  send(vehicleId: VehicleId, answer: SharingAnswer): Promise<void>;
}

export interface ReportPorts {
  readonly setup: Pick<SetupRepository, 'fleetVehicle' | 'saveVehicle' | 'zones'>;
  readonly bookings: Pick<BookingService, 'admitted' | 'change'>;
  readonly listings: Pick<ListingRepository, 'noteStatus'>;
  readonly charges: Pick<ChargeWatch, 'judge'>;
  readonly logs: Pick<LogService, 'take'>;
  readonly answers: AnswerChannel;
}

/** `not-shared`: it is in no sharing service. `other-log-key`: it has one already; an operator may clear that. */
export type Heard = 'heard' | 'old' | 'not-shared' | 'other-log-key';

/** What shared vehicles say, each at least once, in whatever order. */
export class ReportService {
  readonly #ports: ReportPorts;

  constructor(ports: ReportPorts) {
    this.#ports = ports;
  }

  async hear(vehicleId: VehicleId, report: SharingReport): Promise<Heard> {
    const { setup, bookings, logs } = this.#ports;
    const vehicle = await setup.fleetVehicle(vehicleId);
    if (vehicle === undefined) return 'not-shared';
    switch (report.kind) {
      case 'log-key':
        return this.#learn(vehicle, report.logKey);
      case 'log':
        // They are sent in this order and may come in the other one: nothing of the log is to be lost.
        if (vehicle.logKey === undefined) throw new Error('The key of the log is not known yet');
        await logs.take(vehicleId, report.events);
        return 'heard';
      case 'status':
        await bookings.change(vehicleId, (seen) => toldAll(seen, report));
        return new StatusBoard(this.#ports).note(vehicleId, vehicle.systemId, report);
      case 'admits':
        // Who drives is admitted until they end: nobody else is to hold what they drive.
        return (await bookings.admitted(vehicleId, Math.min(report.minimumFence, report.onTrip ?? Infinity)))
          ? 'heard'
          : 'old';
      case 'ask-zones':
        return this.#answer(vehicleId, vehicle, report.requestId);
    }
  }

  async #learn(vehicle: FleetVehicle, logKey: string): Promise<Heard> {
    if (vehicle.logKey !== undefined) return vehicle.logKey === logKey ? 'old' : 'other-log-key';
    // Another control unit: its log begins anew, and is linked to nothing that is known.
    await this.#ports.bookings.change(vehicle.vehicleId, withoutLog);
    const next = { ...vehicle, logKey, version: vehicle.version + 1 };
    const outcome = await this.#ports.setup.saveVehicle(next, vehicle);
    if (outcome !== 'written') throw new Error('Somebody else has changed the vehicle at the same time');
    return 'heard';
  }

  async #answer(vehicleId: VehicleId, { systemId }: FleetVehicle, requestId: string): Promise<Heard> {
    const zones = await this.#ports.setup.zones(systemId);
    // A system without zones has nothing to judge by: the vehicle asks again when a statement names some.
    if (zones !== undefined) await this.#ports.answers.send(vehicleId, { kind: 'zones', requestId, zones });
    return 'heard';
  }
}
