import type { Instant } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Brand } from './brand.ts';
import { firstHome, firstHomeAlone, type HomeName, noSuchHome, type VehicleHome } from './home.ts';
import type { Market } from './market.ts';
import type { VehicleId } from './vehicle-id.ts';
import type { Vin } from './vin.ts';

/** What the maker says of a vehicle before it is built. */
export interface Registration {
  readonly vin: Vin;
  readonly brand: Brand;
  readonly model: string;
  readonly market: Market;
  /** SHA-256 of the device's public key (SPKI, DER), hex. Named: only this key is admitted; the vehicle may change it later. */
  readonly deviceKeySha256?: string;
}

/** What somebody asks for who registers a vehicle. */
export interface RegistrationOrder extends Registration {
  /** Absent: where vehicles of its brand are at home; in one of them, if there are several. */
  readonly home?: HomeName;
}

export interface DeviceCertificate {
  readonly certificateId: string;
  readonly deviceKeySha256: string;
  readonly expiresAt: Instant;
}

/** A certificate that the vehicle changes to and that has not connected yet. */
export interface NextCertificate {
  readonly certificate: DeviceCertificate;
  readonly reservedAt: Instant;
  /** Ids of those that it took the place of: they are revoked, and a late repetition must not bring one back. */
  readonly replaced: readonly string[];
}

/** What a vehicle that was online once connects with: its certificate, or the one it is changing to. */
export interface Credentials {
  readonly certificate: DeviceCertificate;
  readonly next?: NextCertificate;
}

/** expected → provisioned → active ⇄ suspended; retired from anywhere, and for good. */
export type LifeCycle =
  | { readonly status: 'expected' }
  /** Holds a certificate that has not connected yet; until `reservedUntil` no other key may take the VIN. */
  | { readonly status: 'provisioned'; readonly certificate: DeviceCertificate; readonly reservedUntil: Instant }
  | ({ readonly status: 'active' } & Credentials)
  | ({ readonly status: 'suspended' } & Credentials)
  | ({ readonly status: 'retired' } & Partial<Credentials>);

export type VehicleStatus = LifeCycle['status'];

export const vehicleStatuses = ['expected', 'provisioned', 'active', 'suspended', 'retired'] as const;

export interface Vehicle extends Registration {
  readonly vehicleId: VehicleId;
  /** Absent: the first home, since it was registered. */
  readonly home?: VehicleHome;
  readonly lifeCycle: LifeCycle;
  readonly softwareVersion?: string;
  readonly registeredAt: Instant;
  readonly updatedAt: Instant;
  /** Rises with every change; a save names the one it has seen. */
  readonly version: number;
}

/** @throws Failure unacceptable for a home that the deployment has not */
export function registered(
  { home: named, ...registration }: RegistrationOrder,
  vehicleId: VehicleId,
  now: Instant,
  homes = firstHomeAlone,
): Vehicle {
  if (named !== undefined && !homes.names.includes(named)) throw noSuchHome(named, homes.names, '/home');
  const lifeCycle = { status: 'expected' } as const;
  const name = named ?? homes.forNew(registration.brand, vehicleId);
  const home = name !== undefined && name !== firstHome && { home: { name, epoch: 0 } };
  return { ...registration, vehicleId, ...home, lifeCycle, registeredAt: now, updatedAt: now, version: 1 };
}

export function sameRegistration(one: Registration, other: Registration): boolean {
  return (
    one.vin === other.vin &&
    one.brand === other.brand &&
    one.model === other.model &&
    one.market === other.market &&
    one.deviceKeySha256 === other.deviceKeySha256
  );
}

/** A change of the life cycle. Carried out a second time it returns the very same vehicle. */
export type LifeCycleChange = (vehicle: Vehicle, now: Instant) => Vehicle;

export const suspended: LifeCycleChange = (vehicle, now) => {
  const { lifeCycle } = vehicle;
  switch (lifeCycle.status) {
    case 'suspended':
      return vehicle;
    case 'active':
      return moved(vehicle, { ...lifeCycle, status: 'suspended' }, now);
    case 'expected':
    case 'provisioned':
      throw notPossible(
        vehicle,
        'suspended',
        'Only an active vehicle can be suspended; retire it if it must never connect.',
      );
    case 'retired':
      throw notPossible(vehicle, 'suspended', 'Retirement is final.');
  }
};

export const reactivated: LifeCycleChange = (vehicle, now) => {
  const { lifeCycle } = vehicle;
  switch (lifeCycle.status) {
    case 'active':
      return vehicle;
    case 'suspended':
      return moved(vehicle, { ...lifeCycle, status: 'active' }, now);
    case 'expected':
    case 'provisioned':
      throw notPossible(vehicle, 'reactivated', 'It becomes active by itself with its first connection.');
    case 'retired':
      throw notPossible(vehicle, 'reactivated', 'Retirement is final.');
  }
};

export const retired: LifeCycleChange = (vehicle, now) => {
  const { lifeCycle } = vehicle;
  if (lifeCycle.status === 'retired') return vehicle;
  if (lifeCycle.status === 'expected') return moved(vehicle, { status: 'retired' }, now);
  const { certificate } = lifeCycle;
  const next = nextOf(lifeCycle);
  return moved(vehicle, { status: 'retired', certificate, ...(next !== undefined && { next }) }, now);
};

/**
 * The first connection with the certificate that the VIN was reserved for makes a vehicle active; the first one with
 * the certificate that an active vehicle changes to ends the former one.
 *
 * @param certificateId undefined where the device cloud names none, and lets nobody else in than the awaited one
 */
export function confirmed(vehicle: Vehicle, certificateId: string | undefined, now: Instant): Vehicle {
  const awaited = awaitedBy(vehicle.lifeCycle);
  if (awaited === undefined || awaited.certificateId !== (certificateId ?? awaited.certificateId)) return vehicle;
  return moved(vehicle, { status: 'active', certificate: awaited }, now);
}

function awaitedBy(lifeCycle: LifeCycle): DeviceCertificate | undefined {
  if (lifeCycle.status === 'provisioned') return lifeCycle.certificate;
  return lifeCycle.status === 'active' ? lifeCycle.next?.certificate : undefined;
}

export function withSoftware(vehicle: Vehicle, softwareVersion: string, now: Instant): Vehicle {
  if (vehicle.softwareVersion === softwareVersion) return vehicle;
  return { ...vehicle, softwareVersion, updatedAt: now, version: vehicle.version + 1 };
}

/** Every certificate that is the vehicle's: its own first, then the one it changes to. */
export function certificatesOf(lifeCycle: LifeCycle): readonly DeviceCertificate[] {
  const own = lifeCycle.status === 'expected' ? undefined : lifeCycle.certificate;
  return [own, nextOf(lifeCycle)?.certificate].filter((certificate) => certificate !== undefined);
}

export function nextOf(lifeCycle: LifeCycle): NextCertificate | undefined {
  return 'next' in lifeCycle ? lifeCycle.next : undefined;
}

export function moved(vehicle: Vehicle, lifeCycle: LifeCycle, now: Instant): Vehicle {
  return { ...vehicle, lifeCycle, updatedAt: now, version: vehicle.version + 1 };
}

function notPossible(vehicle: Vehicle, target: string, resolution: string): Failure {
  const { status } = vehicle.lifeCycle;
  return new Failure('conflict', `vehicle-${status}`, `The vehicle is ${status} and cannot be ${target}.`, {
    resolution,
  });
}
