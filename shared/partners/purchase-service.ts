import type { Caller } from '../access/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { untilSaved } from '../kernel/optimistic.ts';
import { recheckDays } from '../sharing/bookings/account.ts';
import type { BookingRepository } from '../sharing/bookings/booking-repository.ts';
import type { BookingService, Claimant } from '../sharing/bookings/booking-service.ts';
import type { HoldService } from '../sharing/bookings/hold-service.ts';
import { dayIn } from '../sharing/setup/local-day.ts';
import type { SharingSetup } from '../sharing/setup/setup-repository.ts';
import type { VehicleType } from '../sharing/setup/system.ts';
import type { ReservationId, SystemId } from '../sharing/sharing-id.ts';
import type { OfferSet, VehicleOffer } from './offer.ts';
import type { OfferService } from './offer-service.ts';
import type { PartnerPackage } from './package.ts';
import { operationOf, type PackageId, packageIdOf } from './package-id.ts';
import type { PackageReader, ReadPackage } from './package-reader.ts';
import { offerExpired, offerOutdated, offerUsed, packagesTooMany } from './package-refusals.ts';
import type { PackageName, PackageRepository } from './package-repository.ts';
import type { Partner } from './partner.ts';
import type { Counter, PartnerDoor } from './partner-door.ts';
import { partnerMethod } from './partner-method.ts';
import type { PurchaseOffersRequest } from './tomp/offer.ts';
import { admitted, papersOf } from './traveller.ts';
import { personOf } from './traveller-id.ts';

export interface PurchasePorts {
  readonly door: PartnerDoor;
  readonly offers: Pick<OfferService, 'require'>;
  readonly packages: PackageRepository;
  readonly reader: Pick<PackageReader, 'read'>;
  readonly bookings: Pick<BookingRepository, 'driver' | 'save'>;
  readonly service: Pick<BookingService, 'vehicle' | 'cancel'>;
  readonly holds: Pick<HoldService, 'hold'>;
  readonly setup: Pick<SharingSetup, 'plan'>;
  readonly clock: Clock;
  /** SHA-256. */
  readonly digest: (text: string) => Uint8Array;
}

/**
 * Buys an offer: the vehicle is held, as for anybody else, and the package is what is written beside it. Named after the
 * offer, both, so that whoever heard no answer finds what was done (docs/decisions/partner-packages.md).
 */
export class PurchaseService {
  readonly #ports: PurchasePorts;

  constructor(ports: PurchasePorts) {
    this.#ports = ports;
  }

  /** @throws Failure with what stands against it: nothing is held then */
  async purchase(caller: Caller, systemId: SystemId, { inputs }: PurchaseOffersRequest): Promise<ReadPackage> {
    const { door, offers, packages, reader, digest } = this.#ports;
    const { clientId } = caller;
    const counter = await door.enter(caller, systemId);
    const { set, offer } = await offers.require(clientId, systemId, inputs.offer);
    const packageId = packageIdOf(`${clientId} ${inputs.offer}`, set.offeredAt, digest);
    const [traveller] = inputs.travellers;
    if (traveller === undefined) throw new RangeError('The traveller was parsed before');
    const known = await packages.load({ clientId, packageId });
    if (known !== undefined) {
      if (known.travellerId !== traveller.id) throw offerUsed();
      return reader.read(known);
    }
    await this.#requireGood(counter, set, offer);
    const personId = personOf(clientId, traveller.id, digest);
    const claimant = { operatorId: set.operatorId, personId };
    const now = this.#ports.clock.now();
    const today = dayIn(counter.system.timeZone, now);
    const papers = papersOf(traveller, counter.partner, typeOf(counter, offer), today);
    const { licenceRecheckDays = recheckDays } = counter.operator;
    const term = { now, recheckDueAt: now + licenceRecheckDays * 86_400_000 };
    await this.#admit(claimant, partnerMethod(set.operatorId, clientId), papers, term);
    const reservationId = await this.#hold(claimant, packageId, offer);
    const bought = { claimant, packageId, reservationId, traveller, partner: counter.partner };
    return reader.read(await this.#write(set, offer, inputs.offer, bought));
  }

  async #requireGood({ partner, operator }: Counter, set: OfferSet, offer: VehicleOffer): Promise<void> {
    const { packages, setup, clock } = this.#ports;
    if (clock.now() > set.expiresAt) throw offerExpired();
    const [plan, open] = await Promise.all([
      setup.plan(set.systemId, offer.planId),
      packages.open(partner.clientId, operator.operatorId),
    ]);
    if (plan?.version !== offer.planVersion) throw offerOutdated();
    // Nothing is held for whom the write itself would refuse.
    if (open >= partner.openPackages) throw packagesTooMany(partner.openPackages);
  }

  /** The customer is a driver like any other, whose papers the partner has seen, and for whom it pays. */
  async #admit(
    claimant: Claimant,
    paymentMethod: string,
    papers: ReturnType<typeof papersOf>,
    term: Parameters<typeof admitted>[4],
  ): Promise<void> {
    const { bookings } = this.#ports;
    await untilSaved(async () => {
      const seen = await bookings.driver(claimant.operatorId, claimant.personId);
      const next = admitted(seen, claimant, paymentMethod, papers, term);
      if (next === undefined) return true;
      return (
        (await bookings.save({ driver: { ...(seen !== undefined && { seen: seen.version }), next } })) || undefined
      );
    });
  }

  async #hold(
    claimant: Claimant,
    packageId: PackageId,
    { vehicleId, planVersion }: VehicleOffer,
  ): Promise<ReservationId> {
    const { holds, service, clock } = this.#ports;
    const operation = { operationId: operationOf(packageId), startedAt: clock.now() };
    const held = await holds.hold(claimant, { vehicleId, key: packageId }, operation);
    if (held.kind === 'repeated') return held.reservationId;
    const { reservationId } = held.assignment;
    if (held.terms.plan.version === planVersion) return reservationId;
    // Its price changed at this very moment.
    await service.cancel(claimant, reservationId);
    throw offerOutdated();
  }

  async #write(
    { clientId, systemId, operatorId }: OfferSet,
    { vehicleId, assetId, vehicleTypeId, label, planId, planVersion, estimate, currency }: VehicleOffer,
    offerId: string,
    { claimant, packageId, reservationId, traveller, partner }: Bought,
  ): Promise<PartnerPackage> {
    const { packages, service, clock } = this.#ports;
    const now = clock.now();
    const assignment = (await service.vehicle(vehicleId))?.assignment;
    // Whoever bought it before died in between, and its time is over; or there were too many.
    if (assignment?.reservationId !== reservationId) return this.#known({ clientId, packageId }, traveller);
    const { expiresAt } = assignment;
    const pack: PartnerPackage = {
      ...{ packageId, clientId, systemId, operatorId, vehicleId, vehicleTypeId, label, offerId, reservationId },
      ...{ travellerId: traveller.id, personId: claimant.personId, purchasedAt: now, expiresAt, extensions: 0 },
      ...{ planId, planVersion, estimate, currency, decision: { kind: 'open' } },
      ...(assetId !== undefined && { assetId }),
      ...{ told: { status: 'PENDING', leg: 'NOT_STARTED' }, toldAt: now, version: 1 },
    };
    return untilSaved(async () => {
      if (await packages.add(pack, partner.openPackages)) return pack;
      // Counted first: the last one that may be open is this very one, perhaps, as the same purchase wrote it just now.
      const open = await packages.open(clientId, operatorId);
      if ((await packages.load(pack)) !== undefined) return this.#known(pack, traveller);
      if (open < partner.openPackages) return undefined;
      await service.cancel(claimant, reservationId);
      throw packagesTooMany(partner.openPackages);
    });
  }

  /** As the first who bought it has written it. */
  async #known(name: PackageName, traveller: Bought['traveller']): Promise<PartnerPackage> {
    const known = await this.#ports.packages.load(name);
    if (known === undefined) throw offerExpired();
    if (known.travellerId !== traveller.id) throw offerUsed();
    return known;
  }
}

interface Bought {
  readonly claimant: Claimant;
  readonly packageId: PackageId;
  readonly reservationId: ReservationId;
  readonly traveller: { readonly id: string };
  readonly partner: Pick<Partner, 'openPackages'>;
}

function typeOf({ system }: Counter, offer: VehicleOffer): VehicleType {
  const type = system.vehicleTypes.find(({ vehicleTypeId }) => vehicleTypeId === offer.vehicleTypeId);
  if (type === undefined) throw offerOutdated();
  return type;
}
