import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Failure } from '../../kernel/failure.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { OperatorReportService } from '../reports/operator-report-service.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SharedFleetService } from '../setup/shared-fleet-service.ts';
import type { Task } from './task.ts';
import type { TaskRepository } from './task-repository.ts';

export interface ReturnPorts {
  readonly tasks: Pick<TaskRepository, 'ofVehicle'>;
  readonly setup: Pick<SharingSetup, 'fleetVehicle'>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly fleet: Pick<SharedFleetService, 'bringBack'>;
  readonly reports: Pick<OperatorReportService, 'hear'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly clock: Clock;
}

/** Brings vehicles back into service that were out of it for what a crew has done; in doubt one stays as it is. */
export class VehicleReturn {
  readonly #ports: ReturnPorts;

  constructor(ports: ReturnPorts) {
    this.#ports = ports;
  }

  /** @param charge percent, as the crew has read it */
  async bringBack(caller: Caller, task: Task, charge?: number): Promise<void> {
    if (charge !== undefined) await this.#tell(caller, task, charge);
    // Charged, it comes back by itself once it is heard to be: one that was plugged in a minute ago is empty.
    if (task.bringsBack === undefined || task.bringsBack === 'low-charge') return;
    const booking = await this.#ports.bookings.vehicle(task.vehicleId);
    if (booking === undefined || booking.assignment !== undefined || booking.outOfService !== task.bringsBack) return;
    if (await this.#waitsForMore(task)) return;
    try {
      await this.#ports.fleet.bringBack(caller, task.vehicleId);
    } catch (error) {
      // Somebody has it, or an update is being installed: it stays, and the task is done all the same.
      if (!(error instanceof Failure) || error.kind !== 'conflict') throw error;
    }
  }

  /** For one that does not speak for itself. A vehicle that does knows better than a crew. */
  async #tell(caller: Caller, { vehicleId, systemId }: Task, charge: number): Promise<void> {
    const { setup, listings, reports, clock } = this.#ports;
    if ((await setup.fleetVehicle(vehicleId))?.speaks !== 'operator') return;
    const place = (await listings.listing(systemId, vehicleId))?.status?.place;
    const status = { at: clock.now(), charge, ...(place !== undefined && { place }) };
    await reports.hear(caller, vehicleId, { status });
  }

  /** What else it is out of service for. */
  async #waitsForMore({ taskId, vehicleId }: Task): Promise<boolean> {
    const live = await this.#ports.tasks.ofVehicle(vehicleId);
    return live.some((task) => task.taskId !== taskId && task.bringsBack !== undefined);
  }
}
