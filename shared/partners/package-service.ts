import type { Caller } from '../access/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { reservationNotFound, tripStarted } from '../sharing/bookings/booking-refusals.ts';
import type { BookingService } from '../sharing/bookings/booking-service.ts';
import { type DepositPorts, setAside } from '../sharing/bookings/deposit.ts';
import { isAssigned } from '../sharing/bookings/reservation.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { SystemId } from '../sharing/sharing-id.ts';
import type { Decision, GivenBack, PartnerPackage } from './package.ts';
import { isPackageId } from './package-id.ts';
import { type PackageReader, type ReadPackage, withTold } from './package-reader.ts';
import {
  assetNotAssignable,
  notCharged,
  packageExpired,
  packageNotFound,
  processNotPossible,
} from './package-refusals.ts';
import type { PackageName, PackageRepository } from './package-repository.ts';
import type { PartnerDoor } from './partner-door.ts';
import type { TompProcess } from './tomp/link.ts';

export interface PackagePorts {
  readonly door: PartnerDoor;
  readonly packages: PackageRepository;
  readonly reader: PackageReader;
  readonly bookings: Pick<BookingService, 'vehicle' | 'extend' | 'cancel'>;
  readonly setup: Pick<SharingSetup, 'system'>;
  readonly deposits: DepositPorts;
  readonly clock: Clock;
}

const backBy = {
  'rollback-purchase': 'ROLLBACK',
  'release-package': 'RELEASED',
  'cancel-package': 'CANCELLED',
} as const satisfies Partial<Record<TompProcess, GivenBack>>;
export type GiveBack = keyof typeof backBy;

/** What partners decide about packages that they have bought. Each may be asked again: it is done once. */
export class PackageService {
  readonly #ports: PackagePorts;

  constructor(ports: PackagePorts) {
    this.#ports = ports;
  }

  async require(caller: Caller, systemId: SystemId, packageId: string): Promise<ReadPackage> {
    await this.#ports.door.enter(caller, systemId);
    if (!isPackageId(packageId)) throw packageNotFound();
    return this.#ports.reader.require({ clientId: caller.clientId, packageId }, systemId);
  }

  /** An offer is of one vehicle. @throws Failure `conflict` (`asset-not-assignable`) for another one */
  async requireAsset(caller: Caller, systemId: SystemId, packageId: string, asset: string): Promise<ReadPackage> {
    const read = await this.require(caller, systemId, packageId);
    const { assetId = read.pack.vehicleId } = read.pack;
    if (assetId !== asset) throw assetNotAssignable();
    return read;
  }

  /**
   * The two agree: money is set aside with the partner.
   *
   * @throws Failure `conflict` (`package-expired`, `process-not-possible`, `payment-declined`)
   */
  async confirm(caller: Caller, systemId: SystemId, packageId: string): Promise<ReadPackage> {
    const { bookings, deposits, clock } = this.#ports;
    return this.#decided(caller, systemId, packageId, async ({ pack, standing, next }) => {
      if (pack.decision.kind === 'confirmed' || pack.decision.kind === 'settled') return undefined;
      if (standing.status === 'EXPIRED') throw packageExpired();
      if (!next.includes('confirm-purchase')) throw processNotPossible(standing, 'confirm-purchase', next);
      const vehicle = await bookings.vehicle(pack.vehicleId);
      if (vehicle === undefined || !isAssigned(vehicle, pack.reservationId)) throw packageExpired();
      await setAside(deposits, vehicle);
      const at = clock.now();
      if (at >= vehicle.assignment.expiresAt) throw packageExpired();
      return { kind: 'confirmed', at };
    });
  }

  /** As long and as often as the city lets anybody extend a hold; once for each operation. */
  async extend(caller: Caller, systemId: SystemId, packageId: string, operationId: string): Promise<ReadPackage> {
    const { bookings, setup } = this.#ports;
    const { pack, standing, next } = await this.require(caller, systemId, packageId);
    if (standing.status === 'EXPIRED') throw packageExpired();
    if (standing.status !== 'PENDING' && standing.status !== 'CONFIRMED') {
      throw processNotPossible(standing, 'extend-expiry-time', next);
    }
    const system = await setup.system(systemId);
    if (system === undefined) throw packageNotFound();
    const { assignment } = await bookings.extend(pack, pack.reservationId, system.holds, operationId);
    const { expiresAt, extensions } = assignment;
    await this.#changed(pack, (seen) => (seen.expiresAt >= expiresAt ? undefined : { ...seen, expiresAt, extensions }));
    return this.require(caller, systemId, packageId);
  }

  /** Nobody needs it, and nobody pays: as long as it was not begun. */
  async giveBack(caller: Caller, systemId: SystemId, packageId: string, process: GiveBack): Promise<ReadPackage> {
    const as = backBy[process];
    const read = await this.#decided(caller, systemId, packageId, async ({ pack, standing, next }) => {
      if (pack.decision.kind === 'given-back') {
        if (pack.decision.as === as) return undefined;
        throw processNotPossible(standing, process, next);
      }
      if (standing.status === 'EXPIRED') throw packageExpired();
      if (!next.includes(process)) throw processNotPossible(standing, process, next);
      return { kind: 'given-back', as, at: this.#ports.clock.now() };
    });
    if (read.use.kind !== 'held') return read;
    await this.#release(read, process);
    return this.require(caller, systemId, packageId);
  }

  /** The partner accepts what it was charged. */
  async settle(caller: Caller, systemId: SystemId, packageId: string): Promise<ReadPackage> {
    return this.#decided(caller, systemId, packageId, async ({ pack, standing, use, next }) => {
      if (pack.decision.kind === 'settled') return undefined;
      if (standing.status !== 'ENDED') throw processNotPossible(standing, 'confirm-payment', next);
      if (use.kind !== 'ended' || !use.charged) throw notCharged();
      return { kind: 'settled', at: this.#ports.clock.now() };
    });
  }

  /** What was begun meanwhile is not given back: the vehicle's word counts for more. What nobody has is released. */
  async #release({ pack, next }: ReadPackage, process: GiveBack): Promise<void> {
    try {
      await this.#ports.bookings.cancel(pack, pack.reservationId);
    } catch (error) {
      const code = error instanceof Failure ? error.code : undefined;
      if (code === reservationNotFound().code) return;
      if (code !== tripStarted().code) throw error;
      throw processNotPossible({ status: 'STARTED', leg: 'IN_USE' }, process, next);
    }
  }

  async #decided(
    caller: Caller,
    systemId: SystemId,
    packageId: string,
    decide: (read: ReadPackage) => Promise<Decision | undefined>,
  ): Promise<ReadPackage> {
    return untilSaved(async () => {
      const read = await this.require(caller, systemId, packageId);
      const decision = await decide(read);
      if (decision === undefined) return read;
      const next = { ...read.pack, decision, version: read.pack.version + 1 };
      return (await this.#saved(next, read.pack)) ?? undefined;
    });
  }

  async #changed(name: PackageName, change: (seen: PartnerPackage) => PartnerPackage | undefined): Promise<void> {
    const { packages } = this.#ports;
    await untilSaved(async () => {
      const seen = await packages.load(name);
      const next = seen === undefined ? undefined : change(seen);
      if (seen === undefined || next === undefined) return true;
      return (await this.#saved({ ...next, version: seen.version + 1 }, seen)) === undefined ? undefined : true;
    });
  }

  /** What the partner is told is written with it. */
  async #saved(next: PartnerPackage, seen: PartnerPackage): Promise<ReadPackage | undefined> {
    const { packages, reader, clock } = this.#ports;
    const read = await reader.read(next);
    const told = { ...read, pack: withTold(read, clock.now()) };
    return (await packages.save(told.pack, seen)) ? told : undefined;
  }
}
