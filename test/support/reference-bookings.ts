import { at } from '#local/tour/telling.ts';
import type { PackageStatus } from '#shared/partners/tomp/package.ts';
import {
  type Answer,
  type Booking,
  legIdOf,
  offerOf,
  packageOf,
  paymentsOf,
  possible,
  type ReferencePrice,
  refusal,
} from './reference-answers.ts';
import type { ReferenceAsset } from './reference-gbfs.ts';
import { operated } from './reference-legs.ts';
import { papersLacking } from './reference-papers.ts';

interface Offered {
  readonly asset: ReferenceAsset;
  readonly assetId: string;
  readonly reseller: string;
  readonly expires: number;
}

const minutes = 60_000;
const backBy: Readonly<Record<string, PackageStatus>> = {
  'rollback-purchase': 'ROLLBACK',
  'release-package': 'RELEASED',
  'cancel-package': 'CANCELLED',
};

/** The reference partner's books: TOMP 2.0, as one of its many implementations could be. */
export class ReferenceBookings {
  readonly packages: Booking[] = [];
  readonly #offers = new Map<string, Offered>();
  readonly #assets: ReadonlyMap<string, ReferenceAsset>;
  readonly #now: () => number;
  price: ReferencePrice = { fee: 100, minute: 19 };
  pendingMinutes = 5;
  confirmedMinutes = 30;
  readonly extensions = 2;
  /** The price comes later than the end. */
  priceComesLater = false;

  constructor(assets: ReadonlyMap<string, ReferenceAsset>, now: () => number) {
    this.#assets = assets;
    this.#now = now;
  }

  /** Whom an asset is held for: nobody, or one. */
  holders(assetId: string): readonly Booking[] {
    return this.packages.filter(
      ({ asset, status }) => asset.assetId === assetId && ['PENDING', 'CONFIRMED', 'STARTED'].includes(status),
    );
  }

  execute(process: string, body: unknown, query: URLSearchParams, reseller: string): Answer {
    this.#expire();
    const inputs = at(body, 'inputs');
    switch (process) {
      case 'search-offers':
        return this.#search(inputs, reseller);
      case 'purchase-offers':
        return this.#purchase(String(at(inputs, 'offer')), inputs, reseller);
      case 'payments':
        return this.#payments(query, reseller);
    }
    const asked = at(inputs, 'package') ?? at(inputs, 'paymentId') ?? at(inputs, 'leg') ?? query.get('packageId');
    const packageId = String(asked).replace(/-leg$/, '');
    const booking = this.packages.find((one) => one.packageId === packageId && one.reseller === reseller);
    if (booking === undefined) return refusal(404, 'package-not-found', 'There is no such package.');
    return this.#decided(process, booking, inputs);
  }

  start(booking: Booking): void {
    booking.status = 'STARTED';
    booking.startedAt = this.#now();
    booking.leg = 'IN_USE';
    booking.asset.isRidden = true;
    booking.asset.isReserved = false;
  }

  end(booking: Booking): void {
    booking.status = 'ENDED';
    booking.endedAt = this.#now();
    booking.leg = 'ENDED';
    booking.meters = 1_800;
    booking.asset.isRidden = false;
    // GBFS: another name after each trip.
    booking.asset.assetId = `${booking.asset.assetId}-again`;
  }

  costs({ startedAt = 0, endedAt = this.#now() }: Booking): number {
    return this.price.fee + Math.ceil(Math.max(1, endedAt - startedAt) / minutes) * this.price.minute;
  }

  #decided(process: string, booking: Booking, inputs: unknown): Answer {
    const leg = /^([a-z]+)-leg$/.exec(process)?.[1];
    if (leg !== undefined) return operated(this, booking, leg, at(inputs, 'timestamp'), this.#now());
    const back = backBy[process];
    if (process === 'packages' || process === 'legs') return this.seen(booking, process);
    if (back === booking.status) return this.seen(booking);
    const isDone = process === 'confirm-purchase' ? booking.status === 'CONFIRMED' : booking.status === 'SETTLED';
    if (isDone && back === undefined && process !== 'extend-expiry-time') return this.seen(booking);
    if (booking.status === 'EXPIRED') return refusal(409, 'package-expired', 'The package has expired.');
    const isLonger = process === 'extend-expiry-time' && ['PENDING', 'CONFIRMED'].includes(booking.status);
    if (isLonger && booking.extensionsLeft === 0) return refusal(409, 'extensions-used', 'It was extended before.');
    if (!possible(booking, this.#isPriced(booking)).includes(process)) {
      return refusal(409, 'process-not-possible', `The package is ${booking.status}.`);
    }
    if (process === 'confirm-purchase') this.#confirm(booking);
    else if (isLonger) this.#extend(booking);
    else if (back !== undefined) this.#free(booking, back);
    else booking.status = 'SETTLED';
    return this.seen(booking);
  }

  seen(booking: Booking, as: 'packages' | 'legs' = 'packages'): Answer {
    return packageOf(booking, this.costs(booking), this.price, this.#isPriced(booking), as);
  }

  #confirm(booking: Booking): void {
    booking.status = 'CONFIRMED';
    booking.expires = this.#now() + this.confirmedMinutes * minutes;
  }

  #extend(booking: Booking): void {
    booking.extensionsLeft -= 1;
    booking.expires += (booking.status === 'PENDING' ? this.pendingMinutes : this.confirmedMinutes) * minutes;
  }

  #free(booking: Booking, status: PackageStatus): void {
    booking.status = status;
    booking.leg = 'CANCELLED';
    booking.asset.isReserved = false;
  }

  #isPriced({ status }: Booking): boolean {
    return (status === 'ENDED' || status === 'SETTLED') && !this.priceComesLater;
  }

  #search(inputs: unknown, reseller: string): Answer {
    const wanted = [at(inputs, 'requirements', 'assets')].flat();
    const expires = this.#now() + 5 * minutes;
    const features = [...this.#assets.values()]
      .filter(({ assetId }) => wanted.includes(assetId))
      .filter(({ isReserved, isDisabled, isRidden }) => !isReserved && !isDisabled && !isRidden)
      .map((asset) => {
        const id = `offer-${this.#offers.size + 1}`;
        this.#offers.set(id, { asset, assetId: asset.assetId, reseller, expires });
        return offerOf(id, asset.assetId, this.price);
      });
    const properties = { type: 'offers', expires: new Date(expires).toISOString(), definitions: { assets: [] } };
    const found = { features, properties, numberReturned: features.length, links: [] };
    return { status: 200, body: { type: 'FeatureCollection', ...found } };
  }

  #purchase(offerId: string, inputs: unknown, reseller: string): Answer {
    const offer = this.#offers.get(offerId);
    if (offer?.reseller !== reseller) return refusal(404, 'offer-not-found', 'There is no such offer.');
    const travellers = at(inputs, 'travellers');
    const travellerId = String(at(travellers, 0, 'id'));
    const known = this.packages.find((one) => one.offerId === offerId);
    if (known?.travellerId === travellerId) return this.seen(known);
    if (known !== undefined) return refusal(409, 'offer-used', 'It was bought for somebody else.');
    const { asset, assetId, expires } = offer;
    const lacking = papersLacking(asset, travellers, this.#now());
    if (lacking !== undefined) return lacking;
    if (expires < this.#now()) return refusal(409, 'offer-expired', 'The offer is no longer good.');
    if (asset.isReserved || asset.isRidden) return refusal(409, 'vehicle-reserved', 'Somebody else has it.');
    asset.isReserved = true;
    const booking: Booking = {
      ...{ packageId: `package-${this.packages.length + 1}`, offerId, reseller, asset, assetId, travellerId },
      ...{ status: 'PENDING', leg: 'NOT_STARTED', meters: 0, extensionsLeft: this.extensions },
      expires: this.#now() + this.pendingMinutes * minutes,
    };
    this.packages.push(booking);
    return this.seen(booking);
  }

  /** What each use cost, once it stands: of one, or of a month. */
  #payments(query: URLSearchParams, reseller: string): Answer {
    const [wanted, month] = [query.get('package'), query.get('month')];
    const entries = this.packages
      .filter((one) => one.reseller === reseller && this.#isPriced(one))
      .filter((one) => wanted === null || wanted === one.packageId)
      .map((one) => ({ legId: legIdOf(one), at: one.endedAt ?? 0, amount: this.costs(one) }))
      .filter((one) => month === null || new Date(one.at).toISOString().startsWith(month));
    return paymentsOf(entries, month ?? undefined);
  }

  #expire(): void {
    for (const booking of this.packages) {
      const isHeld = booking.status === 'PENDING' || booking.status === 'CONFIRMED';
      if (isHeld && booking.expires <= this.#now()) this.#free(booking, 'EXPIRED');
    }
  }
}
