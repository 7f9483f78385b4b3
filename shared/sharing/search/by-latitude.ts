import type { Listing } from './listing.ts';

/** Listings of a city in the order of where they stand, so that a search looks at a band of it and not at all. */
export class ByLatitude {
  readonly #listings: readonly Listing[];
  readonly #latitudes: Float64Array;

  constructor(listings: readonly Listing[]) {
    const placed = listings.flatMap((listing) => {
      const latitude = listing.status?.place?.latitude;
      return latitude === undefined ? [] : [{ listing, latitude }];
    });
    placed.sort((one, other) => one.latitude - other.latitude);
    this.#listings = placed.map(({ listing }) => listing);
    this.#latitudes = Float64Array.from(placed, ({ latitude }) => latitude);
  }

  readonly between = (south: number, north: number): readonly Listing[] =>
    this.#listings.slice(this.#firstFrom(south), this.#firstFrom(north, true));

  /** The place of the first one at this latitude or beyond it. @param beyond and not at it */
  #firstFrom(latitude: number, beyond = false): number {
    let [low, high] = [0, this.#latitudes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#latitudes[middle] ?? 0;
      if (there < latitude || (beyond && there === latitude)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
