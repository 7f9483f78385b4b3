import type { Clock, Instant } from '../../kernel/clock.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { ContactService } from '../contact/contact-service.ts';
import type { ChargeService } from '../ledger/charge-service.ts';
import type { RecallService } from '../trips/recall-service.ts';
import type { SettlementService } from '../trips/settlement-service.ts';
import type { Due, DueCalls } from './due.ts';

export interface DuePorts {
  readonly bookings: Pick<BookingService, 'expire'>;
  readonly contacts: Pick<ContactService, 'look'>;
  readonly settlements: Pick<SettlementService, 'settle'>;
  readonly recalls: Pick<RecallService, 'recall'>;
  readonly charges: Pick<ChargeService, 'settle'>;
  readonly calls: DueCalls;
  readonly clock: Clock;
}

/** Looks at what is due. What is to be done the items say, however often and late somebody looks. */
export class DueService {
  readonly #ports: DuePorts;

  constructor(ports: DuePorts) {
    this.#ports = ports;
  }

  /** @param at when it is due: a queue cannot wait as long as some have to */
  async look(due: Due, at: Instant): Promise<'early' | 'done'> {
    const { calls, clock } = this.#ports;
    const now = clock.now();
    if (now < at) {
      await calls.call(due, at, now);
      return 'early';
    }
    await this.#look(due);
    return 'done';
  }

  async #look(due: Due): Promise<void> {
    const { bookings, contacts, settlements, recalls, charges } = this.#ports;
    switch (due.kind) {
      case 'expiry':
        await bookings.expire(due.vehicleId);
        return;
      case 'silence':
        return contacts.look(vehicleIdOf(due.vehicleId));
      case 'settle':
        await settlements.settle({ vehicleId: due.vehicleId, fence: due.fence });
        return;
      case 'recall':
        await recalls.recall({ vehicleId: due.vehicleId, fence: due.fence });
        return;
      case 'charge':
        await charges.settle(due.chargeId);
        return;
    }
  }
}

function vehicleIdOf(text: string): VehicleId {
  if (!isVehicleId(text)) throw new RangeError('A message names no vehicle');
  return text;
}
