import type { Clock, Instant } from '../kernel/clock.ts';
import type { Page, PageRequest } from '../kernel/paging.ts';
import type { BookingService } from '../sharing/bookings/booking-service.ts';
import { groundOf } from '../sharing/bookings/course.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { FleetVehicle } from '../sharing/setup/system.ts';
import type { SystemId } from '../sharing/sharing-id.ts';
import type { Trip } from '../sharing/trips/trip.ts';
import type { TripRepository } from '../sharing/trips/trip-repository.ts';
import type { PartnerPackage, Told, Use } from './package.ts';
import { packageNotFound } from './package-refusals.ts';
import type { PackageName, PackageRepository } from './package-repository.ts';
import { possible, standingOf } from './standing.ts';
import { isToldSo } from './told.ts';
import type { TompProcess } from './tomp/link.ts';

export interface ReaderPorts {
  readonly packages: PackageRepository;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly trips: Pick<TripRepository, 'ofReservation'>;
  readonly setup: Pick<SharingSetup, 'system' | 'fleetVehicle'>;
  readonly clock: Clock;
}

/** A package as it is now, whoever was told what. */
export interface ReadPackage {
  readonly pack: PartnerPackage;
  readonly standing: Told;
  readonly use: Use;
  readonly speaks: FleetVehicle['speaks'];
  readonly extensionsLeft: number;
  /** What can be done now. */
  readonly next: readonly TompProcess[];
  /** Once nobody has the vehicle for it any more. */
  readonly trip?: Trip;
}

/** Reads what a package has come to: the booking says who has the vehicle, the trip what became of it. */
export class PackageReader {
  readonly #ports: ReaderPorts;

  constructor(ports: ReaderPorts) {
    this.#ports = ports;
  }

  /** @throws Failure `not-found` (`package-not-found`), also for another partner's and another city's */
  async require(name: PackageName, systemId: SystemId): Promise<ReadPackage> {
    const pack = await this.#ports.packages.load(name);
    if (pack === undefined || pack.systemId !== systemId) throw packageNotFound();
    return this.read(pack);
  }

  /** The newest first; a page may be short. */
  async list(clientId: string, systemId: SystemId, page: PageRequest): Promise<Page<ReadPackage>> {
    const { packages } = this.#ports;
    const { items, ...rest } = await packages.ofClient(clientId, page);
    const found = await Promise.all(items.map((packageId) => packages.load({ clientId, packageId })));
    const here = found.flatMap((pack) => (pack?.systemId === systemId ? [pack] : []));
    return { ...rest, items: await Promise.all(here.map((pack) => this.read(pack))) };
  }

  async read(pack: PartnerPackage): Promise<ReadPackage> {
    const { setup, clock } = this.#ports;
    const [{ use, trip }, system, vehicle] = await Promise.all([
      this.#use(pack),
      setup.system(pack.systemId),
      setup.fleetVehicle(pack.vehicleId),
    ]);
    const standing = standingOf(pack, use, clock.now());
    const used = use.kind === 'held' ? use.extensions : pack.extensions;
    const extensionsLeft = Math.max(0, (system?.holds.extensions ?? 0) - used);
    const speaks = vehicle?.speaks ?? 'device';
    const charged = use.kind === 'ended' && use.charged;
    // What nobody knows for a moment admits nothing.
    const next = use.kind === 'unknown' ? [] : possible(standing, { extensionsLeft, speaks, charged });
    return { pack, standing, use, speaks, extensionsLeft, next, ...(trip !== undefined && { trip }) };
  }

  async #use({ vehicleId, personId, reservationId }: PartnerPackage): Promise<{ use: Use; trip?: Trip }> {
    const vehicle = await this.#ports.bookings.vehicle(vehicleId);
    const { assignment } = vehicle ?? {};
    if (vehicle !== undefined && assignment?.reservationId === reservationId) {
      const { startedAt, expiresAt, extensions } = assignment;
      if (startedAt === undefined) return { use: { kind: 'held', expiresAt, extensions } };
      return { use: { kind: 'driven', startedAt, paused: groundOf(vehicle) !== 'on_trip' } };
    }
    const trip = await this.#ports.trips.ofReservation(personId, reservationId);
    return trip === undefined ? { use: { kind: 'unknown' } } : { use: pastUse(trip), trip };
  }
}

function pastUse(trip: Trip): Use {
  const { state } = trip;
  switch (state.status) {
    case 'held':
      return { kind: 'unknown' };
    case 'under-way':
      return { kind: 'driven', startedAt: state.since, paused: false };
    case 'ended':
    case 'to-review':
    case 'settled':
      return { kind: 'ended', charged: isCharged(trip) };
    case 'cancelled':
      return { kind: 'cancelled', at: state.at, ...(state.reason !== undefined && { reason: state.reason }) };
    case 'expired':
      return { kind: 'expired' };
  }
}

/** Nothing is left to be taken, whoever paid or let it go. */
function isCharged({ state, payment }: Trip): boolean {
  return state.status === 'settled' && payment.kind !== 'owed' && payment.kind !== 'collecting';
}

/** With what the partner is told from now on. */
export function withTold({ pack, standing }: ReadPackage, at: Instant): PartnerPackage {
  return isToldSo(pack.told, standing) ? pack : { ...pack, told: standing, toldAt: at };
}
