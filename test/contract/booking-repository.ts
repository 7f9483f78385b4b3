import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { BookedVehicle } from '#shared/sharing/bookings/booked-vehicle.ts';
import type { BookingRepository, HoldOutcome } from '#shared/sharing/bookings/booking-repository.ts';
import { heard } from '#shared/sharing/bookings/contact.ts';
import type { Driver } from '#shared/sharing/bookings/driver.ts';
import { held, whyNotDriver } from '#shared/sharing/bookings/hold.ts';
import {
  aBookedVehicle,
  aClaim,
  aDriver,
  anAssignment,
  anyDriver,
  anyVehicle,
  aRequest,
  aReservationId,
  minutes,
  now,
} from '../support/booking-samples.ts';
import { operatorId, sampleOperator, systemId } from '../support/sharing-city.ts';
import { aPersonId, aVehicleId } from './samples.ts';

const { operatorId: we } = sampleOperator;

export function bookingRepositoryContract(make: () => Promise<BookingRepository>): void {
  let bookings: BookingRepository;
  beforeAll(async () => {
    bookings = await make();
  });

  async function there(vehicle: BookedVehicle, driver?: Driver): Promise<void> {
    const half = driver === undefined ? {} : { driver: { next: driver } };
    expect(await bookings.save({ vehicle: { next: vehicle }, ...half })).toBe(true);
  }

  test('a vehicle and a driver come back as they were saved', async () => {
    const vehicle = aBookedVehicle({
      ...{ state: 'non_contactable', former: ['reserved', 'elsewhere'], silentSince: now, quietPlace: true },
      ...{ assignment: anAssignment({ keyUntil: now, startedAt: now, packageId: 'day' }), barredUntil: now },
      ...{
        log: { boot: 3, sequence: 70 },
        ...{ chargeLow: true, grounded: true },
        outOfService: 'low-charge',
        installing: { campaignId: 'c', until: now },
      },
      waiting: [{ event: 'reservation_start', at: now }],
      moves: [{ event: 'comms_lost', at: now, reason: 'two words' }],
    });
    const requests = [aRequest({ reservationId: aReservationId(now + 1) }), aRequest()];
    const active = { reservationId: aReservationId(), vehicleId: vehicle.vehicleId, until: now, keyed: true as const };
    const debts = [{ reservationId: aReservationId(), amount: 5, currency: 'EUR', since: now }];
    const driver = aDriver({ requests, active, debt: 5, debtCurrency: 'EUR', debts, recheckDueAt: now });
    await there(vehicle, driver);
    expect(await bookings.vehicle(vehicle.vehicleId)).toEqual(vehicle);
    expect(await bookings.driver(we, driver.personId)).toEqual(driver);
    expect(await bookings.vehicle('veh-unknown')).toBeUndefined();
    expect(await bookings.driver(we, 'nobody')).toBeUndefined();
  });

  test('of two that saw the same, one saves, and of a step over both halves all is saved or nothing', async () => {
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    await there(vehicle, driver);
    const [later, other] = [
      { ...vehicle, admits: 5, version: 2 },
      { ...vehicle, admits: 7, version: 2 },
    ];
    const saves = [later, other].map((next) => bookings.save({ vehicle: { seen: 1, next } }));
    expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(1);
    const stale = { seen: 1, next: { ...vehicle, admits: 9, version: 2 } };
    const fresh = { seen: 1, next: { ...driver, debt: 9, version: 2 } };
    expect(await bookings.save({ vehicle: stale, driver: fresh })).toBe(false);
    expect(await bookings.driver(we, driver.personId)).toEqual(driver);
    expect(await bookings.save({ vehicle: { next: vehicle } })).toBe(false);
  });

  test('a save whose answer was lost is known for its own when it comes again', async () => {
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    const step = { vehicle: { next: vehicle }, driver: { next: driver } };
    expect([await bookings.save(step), await bookings.save(step)]).toContain(true);
  });

  test('a hold decides in any state, at any time, as the pure decision does', async () => {
    await fc.assert(
      fc.asyncProperty(anyVehicle, anyDriver, async (someVehicle, someDriver) => {
        const vehicle = { ...someVehicle, vehicleId: aVehicleId() };
        const driver = { ...someDriver, personId: aPersonId() };
        await there(vehicle, driver);
        const claim = aClaim(vehicle, driver);
        const step = held(vehicle, driver, claim);
        const outcome = await bookings.hold(claim);
        expect(outcome).toEqual(step === undefined ? refusalOf(vehicle, driver) : { kind: 'held' });
        expect(await bookings.vehicle(vehicle.vehicleId)).toEqual(step?.vehicle?.next ?? vehicle);
        expect(await bookings.driver(we, driver.personId)).toEqual(step?.driver?.next ?? driver);
      }),
      { numRuns: 150 },
    );

    function refusalOf(vehicle: BookedVehicle, driver: Driver): HoldOutcome {
      const isDrivers = whyNotDriver(driver, aClaim(vehicle, driver)) !== undefined || driver.requests.length >= 7;
      return isDrivers ? { kind: 'refused', half: 'driver', driver } : { kind: 'refused', half: 'vehicle', vehicle };
    }
  });

  test('a vehicle of another system, operator or type is not what the terms were made for', async () => {
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    await there(vehicle, driver);
    for (const other of [{ systemId: systemId('other') }, { vehicleTypeId: 'other' }]) {
      const outcome = await bookings.hold(aClaim(vehicle, driver, other));
      expect(outcome).toEqual({ kind: 'refused', half: 'vehicle', vehicle });
    }
    const foreign = aBookedVehicle({ operatorId: operatorId('other') });
    await there(foreign);
    expect(await bookings.hold(aClaim(foreign, driver))).toEqual({
      kind: 'refused',
      half: 'vehicle',
      vehicle: foreign,
    });
  });

  test('who is not there is refused, and so is a vehicle that is not', async () => {
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    await there(vehicle);
    expect(await bookings.hold(aClaim(vehicle, driver))).toEqual({ kind: 'refused', half: 'driver' });
    await there(aBookedVehicle(), driver);
    const nowhere = aClaim(aBookedVehicle(), driver);
    expect(await bookings.hold(nowhere)).toEqual({ kind: 'refused', half: 'vehicle' });
  });

  test('the same request is recognised, whatever became of its hold, and by its own first call for its own', async () => {
    const [vehicle, driver] = [aBookedVehicle(), aDriver()];
    await there(vehicle, driver);
    const claim = aClaim(vehicle, driver);
    expect(await bookings.hold(claim)).toEqual({ kind: 'held' });
    const again = aClaim(vehicle, driver, { request: { ...claim.request, reservationId: aReservationId(now + 5) } });
    expect(await bookings.hold(again)).toEqual({ kind: 'repeated', request: claim.request });
    const muchLater = { ...again, heldAt: now + 60 * minutes, expiresAt: now + 75 * minutes };
    expect(await bookings.hold(muchLater)).toEqual({ kind: 'repeated', request: claim.request });
    expect(await bookings.vehicle(vehicle.vehicleId)).toMatchObject({ fence: 1, version: 2 });
  });

  test('a silent car in a garage is held where it is, once, and what happened waits', async () => {
    const quiet = { state: 'non_contactable', former: ['available'], quietPlace: true, silentSince: now } as const;
    const [vehicle, driver, other] = [aBookedVehicle(quiet), aDriver(), aDriver()];
    await there(vehicle, driver);
    await there(aBookedVehicle(), other);
    expect(await bookings.hold(aClaim(vehicle, driver))).toEqual({ kind: 'held' });
    expect(await bookings.vehicle(vehicle.vehicleId)).toMatchObject({
      ...{ state: 'non_contactable', former: ['reserved'], fence: 1, moves: [] },
      waiting: [{ event: 'reservation_start', at: now }],
    });
    expect(await bookings.hold(aClaim(vehicle, other))).toMatchObject({ kind: 'refused', half: 'vehicle' });
  });

  test('what a silent car was held for in a garage without a key is the next one’s when it has expired, and all of it waits', async () => {
    const quiet = { state: 'non_contactable', former: ['available'], quietPlace: true, silentSince: now } as const;
    const [vehicle, one, other, third] = [
      aBookedVehicle({ ...quiet, fence: 7, admits: 8 }),
      ...[1, 2, 3].map(() => aDriver()),
    ];
    if (one === undefined || other === undefined || third === undefined) throw new Error('nobody');
    await there(vehicle, one);
    await there(aBookedVehicle(), other);
    await there(aBookedVehicle(), third);
    const [first, second] = [aClaim(vehicle, one), aClaim(vehicle, other, { heldAt: now + 16 * minutes })];
    expect(await bookings.hold(first)).toEqual({ kind: 'held' });
    const early = aClaim(vehicle, other, { heldAt: first.expiresAt + 30_000 });
    expect(await bookings.hold(early)).toMatchObject({ kind: 'refused', half: 'vehicle' });
    expect(await bookings.hold(second)).toEqual({ kind: 'held' });
    const seen = await bookings.vehicle(vehicle.vehicleId);
    const told = [
      { event: 'reservation_start', at: first.heldAt },
      { event: 'provider_cancellation', at: second.heldAt, reason: 'hold_expired' },
      { event: 'reservation_start', at: second.heldAt },
    ];
    expect(seen).toMatchObject({ state: 'non_contactable', former: ['reserved'], fence: 9, waiting: told, moves: [] });
    // It has said nothing yet of who admits nobody with the fence before.
    const later = aClaim(vehicle, third, { heldAt: now + 60 * minutes });
    expect(await bookings.hold(later)).toMatchObject({ kind: 'refused', half: 'vehicle' });
    const back = seen && heard(seen, later.heldAt);
    if (seen === undefined || back === undefined) throw new Error('not silent');
    expect(back.moves).toEqual([{ event: 'comms_restored', at: later.heldAt }, ...told]);
    await bookings.save({ vehicle: { seen: seen.version, next: back } });
    expect(await bookings.hold(later)).toEqual({ kind: 'held' });
    expect((await bookings.vehicle(vehicle.vehicleId))?.moves.map(({ event }) => event)).toEqual([
      'provider_cancellation',
      'reservation_start',
    ]);
  });
}
