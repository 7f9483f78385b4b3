import type { BookingService } from '../bookings/booking-service.ts';
import type { ListedBooking } from '../search/listing.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import type { SystemId } from '../sharing-id.ts';

export interface ChargePorts {
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly bookings: Pick<BookingService, 'chargeLow' | 'chargeWell'>;
}

/** Percent above the minimum at which a vehicle comes back into service: one at the edge would come and go. */
const recovery = 5;

/** Takes vehicles out of service that are below their type's minimum, and back when they are charged. */
export class ChargeWatch {
  readonly #ports: ChargePorts;

  constructor(ports: ChargePorts) {
    this.#ports = ports;
  }

  async judge(
    systemId: SystemId,
    vehicleId: string,
    { state, vehicleTypeId }: Pick<ListedBooking, 'state' | 'vehicleTypeId'>,
    charge: number,
  ): Promise<void> {
    if (state !== 'available' && state !== 'reserved' && state !== 'non_operational') return;
    const { setup, bookings } = this.#ports;
    const type = (await setup.system(systemId))?.vehicleTypes.find((one) => one.vehicleTypeId === vehicleTypeId);
    if (type === undefined || type.propulsion === 'human') return;
    if (state !== 'non_operational' && charge < type.minimumCharge) await bookings.chargeLow(vehicleId);
    // One that is full comes back, however high its minimum is.
    const enough = Math.min(100, type.minimumCharge + recovery);
    if (state === 'non_operational' && charge >= enough) await bookings.chargeWell(vehicleId);
  }
}
