import type { VehicleStatus } from '../../vehicle-cloud/sharing-envelopes.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SystemId } from '../sharing-id.ts';
import type { ChargeWatch } from './charge-watch.ts';

export interface StatusPorts {
  readonly listings: Pick<ListingRepository, 'noteStatus'>;
  readonly charges: Pick<ChargeWatch, 'judge'>;
}

/** Where shared vehicles are and how they are charged, for whoever searches. */
export class StatusBoard {
  readonly #ports: StatusPorts;

  constructor(ports: StatusPorts) {
    this.#ports = ports;
  }

  /** `old` where a newer one is known. */
  async note(vehicleId: string, systemId: SystemId, status: VehicleStatus): Promise<'heard' | 'old'> {
    const { listings, charges } = this.#ports;
    const { boot, sequence, at, place, charge, rangeMeters, charging } = status;
    const noted = await listings.noteStatus(systemId, vehicleId, {
      ...{ boot, sequence, at },
      ...(place !== undefined && { place }),
      ...(charge !== undefined && { charge }),
      ...(rangeMeters !== undefined && { rangeMeters }),
      ...(charging !== undefined && { charging }),
    });
    if (noted.kind === 'old') return 'old';
    if (charge !== undefined && noted.booking !== undefined) {
      await charges.judge(systemId, vehicleId, noted.booking, charge);
    }
    return 'heard';
  }
}
