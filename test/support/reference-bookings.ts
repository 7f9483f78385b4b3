import { at } from '#local/tour/telling.ts';
import type { ReferenceAsset } from './reference-gbfs.ts';

interface Booking {
  readonly packageId: string;
  readonly asset: ReferenceAsset;
  readonly travellerId: string;
  status: string;
  expires: number;
  leg: string;
  startedAt?: number;
  endedAt?: number;
  settled: boolean;
  meters: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const minutes = 60_000;

/** The reference partner's books: TOMP 2.0, as one of its many implementations could be. */
export class ReferenceBookings {
  readonly packages: Booking[] = [];
  readonly #offers = new Map<string, ReferenceAsset>();
  readonly #assets: ReadonlyMap<string, ReferenceAsset>;
  readonly #now: () => number;
  /** Cents a minute begun, and once. */
  price = { fee: 100, minute: 19 };
  pendingMinutes = 5;
  confirmedMinutes = 30;
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

  execute(process: string, body: unknown, query: URLSearchParams): Answer {
    this.#expire();
    const inputs = at(body, 'inputs');
    if (process === 'search-offers') return this.#search(inputs);
    if (process === 'purchase-offers') return this.#purchase(String(at(inputs, 'offer')), inputs);
    const id = process === 'packages' ? query.get('packageId') : (at(inputs, 'package') ?? at(inputs, 'paymentId'));
    const booking = this.packages.find(({ packageId }) => packageId === String(id).replace(/-leg$/, ''));
    if (booking === undefined) return refusal(404, 'package-unknown', 'There is no such package.');
    switch (process) {
      case 'packages':
        return packaged(this.#seen(booking));
      case 'confirm-purchase':
        return this.#moved(booking, ['PENDING'], 'CONFIRMED', () => {
          booking.expires = this.#now() + this.confirmedMinutes * minutes;
        });
      case 'extend-expiry-time':
        if (!['PENDING', 'CONFIRMED'].includes(booking.status)) return this.#not(booking);
        booking.expires += this.confirmedMinutes * minutes;
        return packaged(this.#seen(booking));
      case 'rollback-purchase':
        return this.#moved(booking, ['PENDING'], 'ROLLBACK', () => this.#free(booking));
      case 'cancel-package':
        return this.#moved(booking, ['CONFIRMED'], 'CANCELLED', () => this.#free(booking));
      case 'start-leg':
        return this.start(booking);
      case 'pause-leg':
        booking.leg = 'PAUSED';
        return packaged(this.#seen(booking));
      case 'resume-leg':
        booking.leg = 'IN_USE';
        return packaged(this.#seen(booking));
      case 'end-leg':
        return this.end(booking);
      case 'confirm-payment':
        booking.settled = true;
        booking.status = 'SETTLED';
        return packaged(this.#seen(booking));
      default:
        return refusal(404, 'process-unknown', process);
    }
  }

  start(booking: Booking): Answer {
    return this.#moved(booking, ['CONFIRMED'], 'STARTED', () => {
      booking.startedAt = this.#now();
      booking.leg = 'IN_USE';
      booking.asset.isRidden = true;
      booking.asset.isReserved = false;
    });
  }

  end(booking: Booking): Answer {
    return this.#moved(booking, ['STARTED'], 'ENDED', () => {
      booking.endedAt = this.#now();
      booking.leg = 'ENDED';
      booking.meters = 1_800;
      booking.asset.isRidden = false;
      // GBFS: another name after each trip.
      booking.asset.assetId = `${booking.asset.assetId}-again`;
    });
  }

  costs({ startedAt = 0, endedAt = this.#now() }: Booking): number {
    return this.price.fee + Math.ceil(Math.max(1, endedAt - startedAt) / minutes) * this.price.minute;
  }

  #search(inputs: unknown): Answer {
    const wanted = [at(inputs, 'requirements', 'assets')].flat();
    const found = [...this.#assets.values()].filter(
      (asset) => wanted.includes(asset.assetId) && !asset.isReserved && !asset.isDisabled && !asset.isRidden,
    );
    const features = found.map((asset) => {
      const id = `offer-${this.#offers.size + 1}`;
      this.#offers.set(id, asset);
      const legs = [{ type: 'leg', id: `${id}-leg`, specification: {}, assets: [asset.assetId] }];
      return { type: 'Feature', id, properties: { type: 'offer', id, status: 'OFFERED', legs }, links: [] };
    });
    const expires = new Date(this.#now() + 5 * minutes).toISOString();
    const properties = { type: 'offers', expires, definitions: { assets: [] } };
    return {
      status: 200,
      body: { type: 'FeatureCollection', features, properties, numberReturned: features.length, links: [] },
    };
  }

  #purchase(offerId: string, inputs: unknown): Answer {
    const asset = this.#offers.get(offerId);
    if (asset === undefined) return refusal(404, 'offer-unknown', 'There is no such offer.');
    if (asset.isReserved || asset.isRidden) return refusal(409, 'asset-taken', 'Somebody else has it.');
    asset.isReserved = true;
    const booking: Booking = {
      ...{ packageId: `package-${this.packages.length + 1}`, asset, status: 'PENDING', leg: 'NOT_STARTED' },
      travellerId: String(at([at(inputs, 'travellers')].flat()[0], 'id')),
      ...{ expires: this.#now() + this.pendingMinutes * minutes, settled: false, meters: 0 },
    };
    this.packages.push(booking);
    return packaged(this.#seen(booking));
  }

  #moved(booking: Booking, from: readonly string[], to: string, also: () => void): Answer {
    if (booking.status === to) return packaged(this.#seen(booking));
    if (!from.includes(booking.status)) return this.#not(booking);
    booking.status = to;
    also();
    return packaged(this.#seen(booking));
  }

  #not({ status }: Booking): Answer {
    return refusal(409, 'not-in-this-state', `The package is ${status}.`);
  }

  #free({ asset }: Booking): void {
    asset.isReserved = false;
  }

  #expire(): void {
    for (const booking of this.packages) {
      if (!['PENDING', 'CONFIRMED'].includes(booking.status) || booking.expires > this.#now()) continue;
      booking.status = 'EXPIRED';
      this.#free(booking);
    }
  }

  #seen(booking: Booking) {
    const { packageId, status, leg, asset, expires, startedAt, endedAt, meters } = booking;
    const legId = `${packageId}-leg`;
    const isFinal = (status === 'ENDED' || status === 'SETTLED') && !this.priceComesLater;
    const time = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());
    const specification = { startTime: time(startedAt), endTime: time(endedAt) };
    const properties = { type: 'leg', id: legId, specification, status: leg, assets: [asset.assetId] };
    return {
      type: 'FeatureCollection',
      features: [{ type: 'Feature', id: legId, properties: { ...properties, customFields: { meters } } }],
      properties: {
        ...{ type: 'package', id: packageId, status, customFields: { expires: time(expires) } },
        price: {
          ...{ amount: this.costs(booking) / 100, currencyCode: 'EUR', taxPercentageUsed: 19, vatCountryCode: 'DE' },
          ...{ estimated: !isFinal, elements: [] },
        },
      },
      links: [],
    };
  }
}

function packaged(body: unknown): Answer {
  return { status: 200, body };
}

function refusal(status: number, code: string, detail: string): Answer {
  return { status, body: { type: `https://partner.test/problems/${code}`, title: code, detail } };
}
