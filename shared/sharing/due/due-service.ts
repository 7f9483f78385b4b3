import type { Clock, Instant } from '../../kernel/clock.ts';
import { isVehicleId, type VehicleId } from '../../registry/vehicle-id.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import type { ContactService } from '../contact/contact-service.ts';
import type { StatementService } from '../keys/statement-service.ts';
import type { SetupRepository } from '../setup/setup-repository.ts';
import type { SystemId } from '../sharing-id.ts';
import type { SettlementService } from '../trips/settlement-service.ts';
import type { Due, DueCalls } from './due.ts';

export interface DuePorts {
  readonly bookings: Pick<BookingService, 'expire'>;
  readonly contacts: Pick<ContactService, 'look'>;
  readonly statements: Pick<StatementService, 'renew'>;
  readonly settlements: Pick<SettlementService, 'settle'>;
  readonly fleet: Pick<SetupRepository, 'vehicles'>;
  readonly calls: DueCalls;
  readonly clock: Clock;
}

/** Vehicles of a city that are called by one message. */
const atOnce = 50;

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
    const { bookings, contacts, statements, settlements } = this.#ports;
    switch (due.kind) {
      case 'expiry':
        await bookings.expire(due.vehicleId);
        return;
      case 'silence':
        return contacts.look(vehicleIdOf(due.vehicleId));
      case 'statement':
        return statements.renew(vehicleIdOf(due.vehicleId));
      case 'statements':
        return this.#callAll(due.systemId, due.after);
      case 'settle':
        await settlements.settle({ vehicleId: due.vehicleId, fence: due.fence });
        return;
    }
  }

  async #callAll(systemId: SystemId, after: string | undefined): Promise<void> {
    const { fleet, calls, clock } = this.#ports;
    const now = clock.now();
    const page = { limit: atOnce, ...(after !== undefined && { from: after }) };
    const { items, next } = await fleet.vehicles(systemId, page);
    await Promise.all(items.map(({ vehicleId }) => calls.call({ kind: 'statement', vehicleId }, now, now)));
    if (next !== undefined) await calls.call({ kind: 'statements', systemId, after: next }, now, now);
  }
}

function vehicleIdOf(text: string): VehicleId {
  if (!isVehicleId(text)) throw new RangeError('A message names no vehicle');
  return text;
}
