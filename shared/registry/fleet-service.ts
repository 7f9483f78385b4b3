import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import type { InventoryReport } from '../vehicle-cloud/envelopes.ts';
import { type Admission, admission } from './admission.ts';
import { firstHome, type HomeName, homeOf, isFromHome } from './home.ts';
import { type Inventory, replaces } from './inventory.ts';
import type { InventoryRepository } from './inventory-repository.ts';
import { arrived } from './move.ts';
import { type PresenceEvent, withEvent } from './presence.ts';
import type { PresenceRepository } from './presence-repository.ts';
import { confirmed, type DeviceCertificate, type Vehicle, withSoftware } from './vehicle.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { VehicleRepository } from './vehicle-repository.ts';
import { isVin } from './vin.ts';

export interface FleetPorts {
  readonly vehicles: VehicleRepository;
  readonly presences: PresenceRepository;
  readonly inventories: InventoryRepository;
  readonly clock: Clock;
}

/** What vehicles tell the registry about themselves. */
export class FleetService {
  readonly #ports: FleetPorts;

  constructor(ports: FleetPorts) {
    this.#ports = ports;
  }

  /**
   * @param vin as the vehicle says it: anything at all
   * @param home which device cloud asks
   */
  async admit(vin: string, certificate: DeviceCertificate, home: HomeName = firstHome): Promise<Admission> {
    if (!isVin(vin)) return { admitted: false, reason: 'vin-not-expected' };
    return untilSaved(async () => {
      const seen = await this.#ports.vehicles.findByVin(vin);
      if (seen !== undefined && homeOf(seen).name !== home) return { admitted: false, reason: 'other-home' };
      const decision = admission(seen, certificate, this.#ports.clock.now());
      if (!decision.admitted || seen === undefined || decision.vehicle === seen) return decision;
      return (await this.#ports.vehicles.save(decision.vehicle, seen.version)) ? decision : undefined;
    });
  }

  /** The vehicle as it is then; undefined for a client that is no vehicle of ours, or not at home there any more. */
  async observe(event: PresenceEvent): Promise<Vehicle | undefined> {
    const vehicle = await this.#confirm(event);
    if (vehicle === undefined) return undefined;
    await untilSaved(async () => {
      const seen = await this.#ports.presences.load(event.vehicleId);
      // What comes from where the vehicle is at home is later than anything of a former home, whatever their clocks say.
      const said = vehicle.home === undefined ? event : { ...event, home: homeOf(vehicle) };
      const next = withEvent(seen, said, this.#ports.clock.now());
      return next === seen || (await this.#ports.presences.save(next, seen)) ? next : undefined;
    });
    return vehicle;
  }

  /** False when the vehicle is not registered. */
  async takeInventory(vehicleId: VehicleId, report: InventoryReport): Promise<boolean> {
    const { vehicles, inventories, clock } = this.#ports;
    if ((await vehicles.load(vehicleId)) === undefined) return false;
    const inventory: Inventory = { ...report, vehicleId, reportedAt: clock.now() };
    if (replaces(await inventories.load(vehicleId), report)) await inventories.save(inventory);
    // Also when the report was there already: the run that wrote it may have died before this line.
    await this.#adoptSoftware(vehicleId);
    return true;
  }

  /** From what stands in the inventory, so that of two reports at once the newer one ends up in the registry. */
  async #adoptSoftware(vehicleId: VehicleId): Promise<void> {
    const { vehicles, inventories, clock } = this.#ports;
    await untilSaved(async () => {
      // The vehicle first: a report that comes after the second look then moves the version of the first one.
      const seen = await vehicles.load(vehicleId);
      const inventory = await inventories.load(vehicleId);
      if (seen === undefined || inventory === undefined) return true;
      const next = withSoftware(seen, inventory.softwareVersion, clock.now());
      return next === seen || (await vehicles.save(next, seen.version)) ? true : undefined;
    });
  }

  async #confirm(event: PresenceEvent): Promise<Vehicle | undefined> {
    const { vehicle } = await untilSaved(async () => {
      const seen = await this.#ports.vehicles.load(event.vehicleId);
      if (seen === undefined) return { vehicle: undefined };
      const now = this.#ports.clock.now();
      const there = arrived(seen, event, now);
      // What a former home says is of no concern.
      if (!isFromHome(there, event.home)) return { vehicle: undefined };
      const next = confirmed(there, event.certificateId, now);
      return next === seen || (await this.#ports.vehicles.save(next, seen.version)) ? { vehicle: next } : undefined;
    });
    return vehicle;
  }
}
