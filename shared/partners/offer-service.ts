import type { Caller } from '../access/caller.ts';
import type { Operation } from '../access/idempotent-operation.ts';
import { base32 } from '../kernel/base32.ts';
import type { Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { SearchQuery } from '../sharing/search/near.ts';
import type { SearchService } from '../sharing/search/search-service.ts';
import type { SharingSystem, VehicleType } from '../sharing/setup/system.ts';
import type { SystemId } from '../sharing/sharing-id.ts';
import type { Place } from '../sharing/zones/zone.ts';
import type { AssetNames } from './asset-names.ts';
import { modeOf } from './mode-of-type.ts';
import {
  type Meant,
  mostOffers,
  type OfferSet,
  offerOf,
  offerValidity,
  usuallyMeant,
  type VehicleOffer,
} from './offer.ts';
import { searchOf } from './package-id.ts';
import { offerNotFound } from './package-refusals.ts';
import type { OfferRepository } from './package-repository.ts';
import type { PartnerDoor } from './partner-door.ts';
import type { SearchOffersRequest } from './tomp/offer.ts';
import { placeOf } from './tomp/place.ts';

export interface OfferPorts {
  readonly door: PartnerDoor;
  readonly search: Pick<SearchService, 'search'>;
  readonly offers: OfferRepository;
  readonly names: AssetNames;
  readonly clock: Clock;
  /** SHA-256. */
  readonly digest: (text: string) => Uint8Array;
}

/** Metres, where nothing else is asked for. */
const usualRadius = 1_000;

/** What partners are offered: what a search would find, priced, for five minutes. */
export class OfferService {
  readonly #ports: OfferPorts;

  constructor(ports: OfferPorts) {
    this.#ports = ports;
  }

  /** @param operation names the offers: the same request again has the same */
  async search(
    caller: Caller,
    systemId: SystemId,
    { inputs }: SearchOffersRequest,
    operation: Operation,
  ): Promise<{ readonly set: OfferSet; readonly system: SharingSystem }> {
    const { door, search, offers, names, clock } = this.#ports;
    const { system } = await door.enter(caller, systemId);
    const near = placeOf(inputs.specification.from);
    if (near === undefined) throw new RangeError('The place was parsed before');
    requireInCity(system, near);
    const now = clock.now();
    requireNow(inputs.specification.startTime, now);
    const query = queryOf(inputs, system, near);
    const { assets } = inputs.requirements ?? {};
    const nameOf = await names.of(systemId);
    // Of those that are wanted the nearest: others may stand nearer.
    const only = assets && ((vehicleId: string, uses: number) => assets.includes(nameOf(vehicleId, uses)));
    const page = { limit: mostOffers, ...(only !== undefined && { only }) };
    // Who asks for one alone looks for that one, and for no other to be brought.
    const who = only === undefined ? whoOf(caller, inputs) : undefined;
    const { items } = await search.search(systemId, query, page, who);
    // What is another partner's own is theirs to offer.
    const ours = items.filter(({ provider }) => provider === undefined);
    const set: OfferSet = {
      ...{ clientId: caller.clientId, searchId: this.#searchId(operation, inputs), systemId },
      operatorId: system.operatorId,
      ...{ offeredAt: now, expiresAt: now + offerValidity },
      offers: ours.map((found) => offerOf(found, nameOf, system, meantBy(inputs), now)),
    };
    if (set.offers.length === 0) return { set, system };
    return { set: await offers.keep(set), system };
  }

  /** The same request with the same key is the same search, and has its offers. */
  #searchId({ operationId, ownKey }: Operation, inputs: SearchOffersRequest['inputs']): string {
    if (ownKey === undefined) return operationId;
    return base32(this.#ports.digest(`${ownKey} ${JSON.stringify(inputs)}`), 20);
  }

  /** @throws Failure `not-found` (`offer-not-found`), also for another partner's */
  async require(
    clientId: string,
    systemId: SystemId,
    offerId: string,
  ): Promise<{ readonly set: OfferSet; readonly offer: VehicleOffer }> {
    const name = searchOf(offerId);
    const set = name === undefined ? undefined : await this.#ports.offers.load(clientId, name.searchId);
    const offer = name === undefined ? undefined : set?.offers[name.place];
    if (set === undefined || offer === undefined || set.systemId !== systemId) throw offerNotFound();
    return { set, offer };
  }
}

/** A customer in vain counts once, as a driver does; whom nobody names, by where they stand. */
function whoOf({ clientId }: Caller, { travellers, specification }: SearchOffersRequest['inputs']): string {
  return `${clientId} ${travellers?.[0]?.id ?? specification.from}`;
}

function queryOf(
  { requirements, customFields }: SearchOffersRequest['inputs'],
  system: SharingSystem,
  near: Place,
): SearchQuery {
  const { mode, products } = requirements ?? {};
  const fits = ({ vehicleTypeId, formFactor }: VehicleType) =>
    (products?.includes(vehicleTypeId) ?? true) && (mode === undefined || modeOf(formFactor) === mode);
  const types = system.vehicleTypes.filter(fits).map(({ vehicleTypeId }) => vehicleTypeId);
  return { near, radius: customFields?.radius ?? usualRadius, vehicleTypeIds: types };
}

/** What is said of the use; else what a use usually is. */
function meantBy({ requirements, specification }: SearchOffersRequest['inputs']): Meant {
  const { time, distance, distanceType } = requirements?.estimatedUsage ?? {};
  const { startTime, endTime } = specification;
  const [, hours, minutes] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(time ?? '') ?? [];
  const span = startTime === undefined || endTime === undefined ? undefined : (endTime - startTime) / 60_000;
  const said = time === undefined ? span : Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  const metres = distance === undefined ? undefined : distance * (distanceType === 'MILE' ? 1_609.344 : 1_000);
  return {
    minutes: Math.min(Math.max(1, said ?? usuallyMeant.minutes), 14 * 24 * 60),
    metres: metres ?? usuallyMeant.metres,
  };
}

function requireInCity(
  { bounds: [west, south, east, north], name }: SharingSystem,
  { longitude, latitude }: Place,
): void {
  if (longitude >= west && longitude <= east && latitude >= south && latitude <= north) return;
  const isSwapped = latitude >= west && latitude <= east && longitude >= south && longitude <= north;
  throw new Failure('invalid', 'place-outside-system', `The place is not in ${name}.`, {
    resolution: 'Places are GPS:<longitude>,<latitude>, in degrees.',
    errors: [
      {
        pointer: '/inputs/specification/from',
        detail: isSwapped ? 'has the latitude first: the other way round it is in the city' : 'lies elsewhere',
      },
    ],
  });
}

/** Vehicles are had at once, or not at all. */
function requireNow(startTime: number | undefined, now: number): void {
  if (startTime === undefined || Math.abs(startTime - now) <= soon) return;
  throw new Failure('unacceptable', 'start-not-now', 'Vehicles are offered to whoever starts at once.', {
    resolution: 'Leave `startTime` out, and search when the traveller wants to start.',
    errors: [{ pointer: '/inputs/specification/startTime', detail: 'is more than an hour from now' }],
  });
}

/** ms */
const soon = 3_600_000;
