import type { Clock, Instant } from '../../kernel/clock.ts';
import { type PresenceEvent, withEvent } from '../../registry/presence.ts';
import type { PresenceRepository } from '../../registry/presence-repository.ts';
import type { VehicleId } from '../../registry/vehicle-id.ts';
import type { BookedVehicle } from '../bookings/booked-vehicle.ts';
import type { BookingService } from '../bookings/booking-service.ts';
import { heard, silent } from '../bookings/contact.ts';
import type { DueCalls } from '../due/due.ts';
import type { ListingRepository } from '../search/listing.ts';
import type { SharingSetup } from '../setup/setup-repository.ts';
import { isQuiet } from '../zones/rule-at.ts';
import { lineBack, lineGone, silence, tellingTime } from './line.ts';

export interface ContactPorts {
  readonly bookings: Pick<BookingService, 'vehicle' | 'change'>;
  readonly presences: Pick<PresenceRepository, 'load'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly setup: Pick<SharingSetup, 'zones'>;
  readonly due: DueCalls;
  readonly clock: Clock;
}

/** Whether shared vehicles are to be heard. */
export class ContactService {
  readonly #ports: ContactPorts;

  constructor(ports: ContactPorts) {
    this.#ports = ports;
  }

  /** One more event of a connection, in whatever order they come. */
  async observe(event: PresenceEvent): Promise<'not-shared' | 'here' | 'gone'> {
    const { bookings, presences, due, clock } = this.#ports;
    const { vehicleId } = event;
    const vehicle = await bookings.vehicle(vehicleId);
    if (vehicle === undefined) return 'not-shared';
    const now = clock.now();
    // The registry may have heard of this event already, or of a later one, or not yet.
    const presence = withEvent(await presences.load(vehicleId), event, now);
    if (presence.connected) await this.#back(vehicleId, vehicle);
    else await this.#gone(vehicle, presence.since);
    // Whatever was overtaken in between is put right then.
    const look = presence.connected ? now + tellingTime : presence.since + silence;
    await due.call({ kind: 'silence', vehicleId }, look, now);
    return presence.connected ? 'here' : 'gone';
  }

  /** Looks again, by what the registry knows: who stays away is silent, and who is here is heard. */
  async look(vehicleId: VehicleId): Promise<void> {
    const { bookings, presences, due, clock } = this.#ports;
    const vehicle = await bookings.vehicle(vehicleId);
    const presence = await presences.load(vehicleId);
    if (vehicle === undefined || presence === undefined) return;
    const now = clock.now();
    const since = presence.since;
    if (presence.connected) {
      // Lately: another look is under way for that.
      if (now - since >= tellingTime) await bookings.change(vehicleId, (seen) => heard(seen, now));
      return;
    }
    if (now - since < silence) return due.call({ kind: 'silence', vehicleId }, since + silence, now);
    const isThere = await this.#isWhereNoLineIs(vehicle);
    await bookings.change(vehicleId, (seen) => silent(seen, since, isThere));
  }

  async #back(vehicleId: VehicleId, vehicle: BookedVehicle): Promise<void> {
    const isKnown = vehicle.admits > 0 && vehicle.silentSince === undefined && vehicle.state !== 'non_contactable';
    if (isKnown) return;
    const { bookings, clock } = this.#ports;
    await bookings.change(vehicleId, (seen) => lineBack(seen, clock.now()));
  }

  async #gone({ vehicleId, silentSince }: BookedVehicle, since: Instant): Promise<void> {
    if (silentSince !== undefined) return;
    await this.#ports.bookings.change(vehicleId, (seen) => lineGone(seen, since));
  }

  /** Of the place it told last. */
  async #isWhereNoLineIs({ vehicleId, systemId }: BookedVehicle): Promise<boolean> {
    const { listings, setup, clock } = this.#ports;
    const [listing, zones] = await Promise.all([listings.listing(systemId, vehicleId), setup.zones(systemId)]);
    const place = listing?.status?.place;
    return zones !== undefined && place !== undefined && isQuiet(zones, place, clock.now());
  }
}
