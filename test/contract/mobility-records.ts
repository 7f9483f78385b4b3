import { expect, test } from 'vitest';
import { keyedDigest } from '#functions/adapters/node-crypto/keyed-digest.ts';
import { hourLength } from '#shared/sharing/mobility-data/hour.ts';
import type { MobilityRecords } from '#shared/sharing/mobility-data/mobility-book.ts';
import { MobilityIds } from '#shared/sharing/mobility-data/mobility-ids.ts';
import { behind, type MobilityReader } from '#shared/sharing/mobility-data/mobility-reader.ts';
import { type Told, toldBy } from '#shared/sharing/mobility-data/told-event.ts';
import { aBookedVehicle } from '../support/booking-samples.ts';
import { sampleSystem } from '../support/sharing-city.ts';

const { systemId } = sampleSystem;
const hour = Date.UTC(2026, 10, 22, 19);
const city = { idKey: 'the city’s own', since: hour };

type Kept = MobilityRecords & MobilityReader;

function toldOf(at: number, version = 1, device?: Told['device']): Told {
  const vehicle = aBookedVehicle({ ...(device && { vehicleId: device.last.vehicleId }), state: 'reserved', version });
  const where = { latitude: 52.5, longitude: 13.4 };
  const after = { ...vehicle, fence: version, moves: [{ event: 'reservation_start' as const, at, where }] };
  const told = toldBy(device, after, { now: at, charge: 61.5 });
  if (told === undefined) throw new Error('nothing is told');
  return told;
}

/** @param newRecords of one city that has been told nothing */
export function mobilityRecordsContract(newRecords: () => Promise<Kept>): void {
  test('what is kept stands under its hour, in the order of its time, once, and page by page', async () => {
    const records = await newRecords();
    expect(await records.addCity(systemId, city)).toEqual(city);
    expect(await records.addCity(systemId, { ...city, idKey: 'a later one' })).toEqual(city);
    const many = Array.from({ length: 9 }, (_, n) => toldOf(hour + 1_000 * n));
    for (const told of [...many.toReversed(), ...many, toldOf(hour - 1), toldOf(hour + hourLength)]) {
      await records.keep(told, city);
    }
    const all = await records.events(systemId, { hour, to: hour + hourLength });
    expect(all.map(({ told }) => told)).toEqual(many.flatMap(({ events }) => events));
    const first = await records.events(systemId, { hour, to: hour + 8_000, limit: 4 });
    const from = behind(first.at(-1)?.moment ?? '');
    const rest = await records.events(systemId, { hour, to: hour + 8_000, limit: 9, from });
    expect([...first, ...rest]).toEqual(all.slice(0, 8));
  });

  test('of each vehicle the last is known, found by the id that the city has for it; what comes late changes nothing', async () => {
    const records = await newRecords();
    await records.addCity(systemId, city);
    const [one, other, third] = [toldOf(hour), toldOf(hour), toldOf(hour)];
    const later = toldOf(hour + 60_000, 2, one.device);
    for (const told of [one, other, third, later, one]) await records.keep(told, city);
    const { vehicleId } = one.device.last;
    expect(await records.device(systemId, vehicleId)).toEqual(later.device);
    const id = new MobilityIds(keyedDigest(city.idKey)).device(vehicleId);
    expect(await records.deviceOf(systemId, id)).toEqual(later.device);
    expect(await records.deviceOf(systemId, id.replaceAll('a', 'b').replaceAll('1', '2'))).toBeUndefined();
    const page = await records.devices(systemId, { limit: 2 });
    const last = await records.devices(systemId, { limit: 2, ...(page.next !== undefined && { from: page.next }) });
    expect(new Set([...page.items, ...last.items])).toEqual(new Set([later.device, other.device, third.device]));
    expect(last.next).toBeUndefined();
  });

  test('an event that is told anew with another time stands where it belongs, and no more where it was', async () => {
    const records = await newRecords();
    await records.addCity(systemId, city);
    const told = toldOf(hour + hourLength);
    await records.keep(told, city);
    const [event] = told.events;
    if (event === undefined) throw new Error('nothing is told');
    const earlier = { ...event, at: hour, publishedAt: event.publishedAt + 1 };
    await records.keep({ events: [earlier], device: { ...told.device, last: { ...earlier, version: 2 } } }, city);
    await records.keep(told, city);
    const found = await records.events(systemId, { hour, to: hour + hourLength });
    expect(found.map((one) => one.told)).toEqual([earlier]);
    expect(await records.events(systemId, { hour: hour + hourLength, to: hour + 2 * hourLength })).toEqual([]);
  });
}
