import type { Caller } from '../access/caller.ts';
import { base64url, base64urlBytes } from '../kernel/base64url.ts';
import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { holdExpired } from '../sharing/bookings/booking-refusals.ts';
import type { BookingService } from '../sharing/bookings/booking-service.ts';
import { type DepositPorts, setAside } from '../sharing/bookings/deposit.ts';
import type { KeyService } from '../sharing/bookings/key-service.ts';
import { isAssigned } from '../sharing/bookings/reservation.ts';
import { isOnCurve, p256KeyOf } from '../sharing/keys/p256-key.ts';
import type { ListingRepository } from '../sharing/search/listing.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { SystemId } from '../sharing/sharing-id.ts';
import { ruleAt } from '../sharing/zones/rule-at.ts';
import type { PartnerPackage, TravelKey } from './package.ts';
import { type PackageReader, type ReadPackage, withTold } from './package-reader.ts';
import {
  legFollowsVehicle,
  legNotFound,
  legOperationNotPossible,
  packageExpired,
  phoneKeyMissing,
  timestampNotPossible,
} from './package-refusals.ts';
import type { PackageRepository } from './package-repository.ts';
import type { PackageService } from './package-service.ts';
import type { LegOperation, LegRequest, LegStatus } from './tomp/leg.ts';

export interface LegPorts {
  readonly service: Pick<PackageService, 'require'>;
  readonly packages: Pick<PackageRepository, 'load' | 'save'>;
  readonly reader: Pick<PackageReader, 'read'>;
  readonly bookings: Pick<BookingService, 'vehicle'>;
  readonly keys: Pick<KeyService, 'issue'>;
  readonly deposits: DepositPorts;
  readonly setup: Pick<SharingSetup, 'zones'>;
  readonly listings: Pick<ListingRepository, 'listing'>;
  readonly clock: Clock;
}

/** Where each operation leads: who is there has nothing more to ask for. */
const leadsTo: Readonly<Record<Exclude<LegOperation, 'start'>, LegStatus>> = {
  pause: 'PAUSED',
  resume: 'IN_USE',
  end: 'ENDED',
};

/** ms by which a partner's clock may be ahead. */
const ahead = 60_000;

/**
 * What partners ask of the vehicle. A leg never moves by a request: it follows what the vehicle did, by its own log or by
 * its operator's report.
 */
export class LegService {
  readonly #ports: LegPorts;

  constructor(ports: LegPorts) {
    this.#ports = ports;
  }

  /** Of a package that has one leg alone, which has its id. */
  async require(caller: Caller, systemId: SystemId, legId: string, packageId = legId): Promise<ReadPackage> {
    const read = await this.#ports.service.require(caller, systemId, packageId);
    if (read.pack.packageId !== legId) throw legNotFound();
    return read;
  }

  async operate(
    caller: Caller,
    systemId: SystemId,
    operation: LegOperation,
    { inputs }: LegRequest,
  ): Promise<ReadPackage> {
    const read = await this.require(caller, systemId, inputs.leg, inputs.package);
    this.#requireTime(read.pack, inputs.timestamp);
    if (operation === 'start') return this.#start(read, inputs.customFields?.phoneKey);
    const { standing, next, speaks } = read;
    if (standing.leg === leadsTo[operation]) return read;
    const isUnderWay = standing.status === 'STARTED';
    if (isUnderWay && speaks === 'device') {
      throw legFollowsVehicle(standing, operation, operation === 'end' ? await this.#unmet(read.pack) : []);
    }
    // Asked for before, and not done yet.
    if (operation === 'end' && standing.leg === 'ENDING') return read;
    if (!next.includes(`${operation}-leg`)) throw legOperationNotPossible(standing, operation, next);
    return this.#changed(read.pack, (seen) => ({ ...seen, asked: { operation, at: this.#ports.clock.now() } }));
  }

  async #start({ pack, standing, next, speaks }: ReadPackage, phoneKey: string | undefined): Promise<ReadPackage> {
    if (standing.status === 'EXPIRED') throw packageExpired();
    if (speaks === 'operator' && standing.leg === 'IN_USE') return this.#ports.reader.read(pack);
    if (!next.includes('start-leg')) throw legOperationNotPossible(standing, 'start', next);
    if (speaks === 'operator') return this.#open(pack);
    const key = await this.#key(pack, phoneKey);
    return this.#changed(pack, (seen) => ({ ...seen, key }));
  }

  /** As its operator would ask before opening it: money is set aside, and then alone the operator is told. */
  async #open(pack: PartnerPackage): Promise<ReadPackage> {
    const { bookings, deposits, clock } = this.#ports;
    const vehicle = await bookings.vehicle(pack.vehicleId);
    if (vehicle === undefined || !isAssigned(vehicle, pack.reservationId)) throw holdExpired();
    await setAside(deposits, vehicle);
    return this.#changed(pack, (seen) =>
      seen.asked === undefined ? { ...seen, asked: { operation: 'start', at: clock.now() } } : seen,
    );
  }

  /** Again for a phone that lost it, or later: a newer one is good for longer. */
  async #key(pack: PartnerPackage, phoneKey: string | undefined): Promise<TravelKey> {
    if (phoneKey === undefined) throw phoneKeyMissing('is missing');
    const bytes = base64urlBytes(phoneKey);
    const parsed = bytes === undefined ? undefined : p256KeyOf(bytes);
    if (parsed === undefined || !isOnCurve(parsed)) throw phoneKeyMissing('is no P-256 key as SPKI in base64url');
    const { token, claims } = await this.#ports.keys.issue(pack, pack.reservationId, parsed);
    const { tokenId, notBefore, expiresAt } = claims;
    return { token: base64url(token), tokenId, notBefore, expiresAt };
  }

  #requireTime({ purchasedAt }: PartnerPackage, timestamp: number | undefined): void {
    if (timestamp === undefined) return;
    if (timestamp > this.#ports.clock.now() + ahead) throw timestampNotPossible('lies in the future');
    if (timestamp < purchasedAt - ahead) throw timestampNotPossible('lies before the purchase');
  }

  /** As far as it can be known from afar; the vehicle itself knows of doors and keys. */
  async #unmet({ systemId, vehicleId, vehicleTypeId }: PartnerPackage): Promise<readonly string[]> {
    const { setup, listings, clock } = this.#ports;
    const [zones, listing] = await Promise.all([setup.zones(systemId), listings.listing(systemId, vehicleId)]);
    const place = listing?.status?.place;
    if (place === undefined) return ['place-unknown'];
    if (zones === undefined || ruleAt(zones, place, vehicleTypeId, clock.now()).rule.rideEndAllowed) return [];
    return ['outside-zone'];
  }

  async #changed(
    name: Pick<PartnerPackage, 'clientId' | 'packageId'>,
    change: (seen: PartnerPackage) => PartnerPackage,
  ): Promise<ReadPackage> {
    const { packages, reader, clock } = this.#ports;
    return untilSaved(async () => {
      const seen = await packages.load(name);
      if (seen === undefined) throw legNotFound();
      const next = change(seen);
      if (next === seen) return reader.read(seen);
      const read = await reader.read({ ...next, version: seen.version + 1 });
      const told = { ...read, pack: withTold(read, clock.now()) };
      return (await packages.save(told.pack, seen)) ? told : undefined;
    });
  }
}
