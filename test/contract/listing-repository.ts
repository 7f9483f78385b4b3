import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  type ListedBooking,
  type Listing,
  type ListingRepository,
  listingShards,
} from '#shared/sharing/search/listing.ts';
import { isSystemId, type SystemId } from '#shared/sharing/sharing-id.ts';
import type { VehicleStatus } from '#shared/vehicle-cloud/sharing-envelopes.ts';
import { aVehicleId } from './samples.ts';

function systemId(text: string): SystemId {
  if (!isSystemId(text)) throw new RangeError(text);
  return text;
}

function bookingOf(version: number): ListedBooking {
  return { vehicleTypeId: 'e-golf', label: 'B-WS 1', state: 'available', version, freeFrom: version };
}

function statusOf(boot: number, sequence: number): VehicleStatus {
  const place = { latitude: 52.5 + sequence / 1000, longitude: 13.4 };
  return { boot, sequence, at: boot * 100 + sequence, place, charge: 80, charging: false };
}

export function listingRepositoryContract(make: () => Promise<ListingRepository>): void {
  let listings: ListingRepository;
  beforeAll(async () => {
    listings = await make();
  });
  const berlin = systemId('we-share-berlin');

  async function all(id: SystemId): Promise<readonly Listing[]> {
    const shards = await Promise.all(Array.from({ length: listingShards }, (_, shard) => listings.shard(id, shard)));
    return shards.flat();
  }

  test('a listing is put together of booking and status, whichever comes first, twice, and in whatever order', async () => {
    type Piece = { readonly booking: number } | { readonly boot: number; readonly sequence: number };
    const counter = fc.integer({ min: 1, max: 4 });
    const piece: fc.Arbitrary<Piece> = fc.oneof(
      fc.record({ booking: counter }),
      fc.record({ boot: counter, sequence: counter }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const vehicleId = aVehicleId();
        for (const one of pieces) {
          if ('booking' in one) await listings.noteBooking(berlin, vehicleId, bookingOf(one.booking));
          else await listings.noteStatus(berlin, vehicleId, statusOf(one.boot, one.sequence));
        }
        const version = Math.max(0, ...pieces.map((one) => ('booking' in one ? one.booking : 0)));
        const newest = pieces
          .flatMap((one) => ('booking' in one ? [] : [one]))
          .sort((one, other) => other.boot - one.boot || other.sequence - one.sequence)[0];
        const found = (await all(berlin)).find((listing) => listing.vehicleId === vehicleId);
        const status = newest && { status: statusOf(newest.boot, newest.sequence) };
        expect(found).toEqual(version === 0 ? undefined : { vehicleId, booking: bookingOf(version), ...status });
      }),
      { numRuns: 15 },
    );
  });

  test('who notes a status hears what is known of the booking, or that a newer status is known', async () => {
    const vehicleId = aVehicleId();
    expect(await listings.noteStatus(berlin, vehicleId, statusOf(2, 1))).toEqual({ kind: 'noted' });
    expect(await listings.noteBooking(berlin, vehicleId, bookingOf(7))).toBe(true);
    expect(await listings.noteBooking(berlin, vehicleId, bookingOf(7))).toBe(false);
    expect(await listings.noteStatus(berlin, vehicleId, statusOf(2, 1))).toEqual({ kind: 'old' });
    const heard = await listings.noteStatus(berlin, vehicleId, statusOf(2, 2));
    expect(heard).toEqual({ kind: 'noted', booking: bookingOf(7) });
  });

  test('a vehicle that left a city is listed there no more, unless it is back', async () => {
    const [gone, back] = [aVehicleId(), aVehicleId()];
    const hamburg = systemId('we-share-hamburg');
    for (const vehicleId of [gone, back]) await listings.noteBooking(hamburg, vehicleId, bookingOf(3));
    await listings.noteBooking(hamburg, back, bookingOf(5));
    for (const vehicleId of [gone, back, aVehicleId()]) await listings.remove(hamburg, vehicleId, 4);
    expect((await all(hamburg)).map(({ vehicleId }) => vehicleId)).toEqual([back]);
  });

  test('a city’s vehicles are spread over its shards, and are no other city’s', async () => {
    const paris = systemId('we-share-paris');
    const many = Array.from({ length: 80 }, () => aVehicleId());
    await Promise.all(many.map((vehicleId) => listings.noteBooking(paris, vehicleId, bookingOf(1))));
    const shards = await Promise.all(Array.from({ length: listingShards }, (_, at) => listings.shard(paris, at)));
    expect(
      shards
        .flat()
        .map(({ vehicleId }) => vehicleId)
        .sort(),
    ).toEqual([...many].sort());
    expect(Math.max(...shards.map(({ length }) => length))).toBeLessThan(30);
  });

  test('what stands on a vehicle changes without its booking, and makes no listing of none', async () => {
    const [id, vehicleId] = [systemId('relabelled'), aVehicleId()];
    await listings.relabel(id, vehicleId, { label: 'B-WS 2' });
    expect(await all(id)).toEqual([]);
    await listings.noteBooking(id, vehicleId, bookingOf(3));
    await listings.relabel(id, vehicleId, { label: 'B-WS 2', planId: 'weekend' });
    expect(await all(id)).toEqual([{ vehicleId, booking: { ...bookingOf(3), label: 'B-WS 2', planId: 'weekend' } }]);
    await listings.relabel(id, vehicleId, { label: 'B-WS 1' });
    expect(await all(id)).toEqual([{ vehicleId, booking: bookingOf(3) }]);
  });
}
