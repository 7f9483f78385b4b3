import { describe, expect, test } from 'vitest';
import { firstHome, homeName, homeOf, isFromHome, isHomeName } from '#shared/registry/home.ts';
import { confirmed, registered } from '#shared/registry/vehicle.ts';
import { aBrand, aCertificate, aRegistration, aVehicle, aVehicleId } from '../../contract/samples.ts';

const elsewhere = homeName('elsewhere');
const homes = {
  names: [firstHome, elsewhere],
  forNew: (brand: string) => (brand === 'audi' ? elsewhere : undefined),
};

describe('a home', () => {
  test('follows from the brand at registration, and is the first one without a word', () => {
    const audi = registered(aRegistration({ brand: aBrand('audi') }), aVehicleId(), 1, homes);
    expect(audi.home).toEqual({ name: 'elsewhere', epoch: 0 });
    const golf = registered(aRegistration(), aVehicleId(), 1, homes);
    expect(golf).not.toHaveProperty('home');
    expect(registered(aRegistration({ brand: aBrand('audi') }), aVehicleId(), 1)).not.toHaveProperty('home');
    expect(homeOf(golf)).toEqual({ name: firstHome, epoch: 0 });
  });

  test('may be one of several, which the vehicle’s id chooses', () => {
    const [one, other] = [aVehicleId(), aVehicleId()];
    const several = { ...homes, forNew: (_: string, vehicleId: string) => (vehicleId === one ? elsewhere : undefined) };
    expect(registered(aRegistration(), one, 1, several).home).toEqual({ name: 'elsewhere', epoch: 0 });
    expect(registered(aRegistration(), other, 1, several)).not.toHaveProperty('home');
  });

  test('is the one that a registration names, where there is such a one', () => {
    const named = (home: string, brand = 'audi') =>
      registered({ ...aRegistration({ brand: aBrand(brand) }), home: homeName(home) }, aVehicleId(), 1, homes);
    expect(named('first')).not.toHaveProperty('home');
    expect(named('elsewhere', 'volkswagen').home).toEqual({ name: 'elsewhere', epoch: 0 });
    expect(() => named('nowhere')).toThrow(expect.objectContaining({ code: 'home-unknown' }));
  });

  test('is believed what it says of its own vehicles, and of those alone', () => {
    const moved = { home: { name: elsewhere, epoch: 3 } };
    expect(isFromHome(moved, { name: elsewhere, epoch: 3 })).toBe(true);
    expect(isFromHome(moved, { name: elsewhere, epoch: 2 })).toBe(false);
    expect(isFromHome(moved, undefined)).toBe(false);
    expect(isFromHome({}, undefined)).toBe(true);
    expect(isFromHome({}, { name: elsewhere, epoch: 3 })).toBe(false);
    expect(isFromHome({ home: { name: firstHome, epoch: 4 } }, undefined)).toBe(true);
  });

  test('has a name that stands in addresses', () => {
    expect(['vw-weu', 'a1', 'first'].every(isHomeName)).toBe(true);
    expect(['', 'VW', 'a--b', '-a', 'a_b', 'x'.repeat(33)].some(isHomeName)).toBe(false);
  });
});

test('where a device cloud names no certificate, the first connection confirms the one that is awaited', () => {
  const certificate = aCertificate();
  const vehicle = aVehicle({ lifeCycle: { status: 'provisioned', certificate, reservedUntil: 5 } });
  expect(confirmed(vehicle, undefined, 7).lifeCycle).toEqual({ status: 'active', certificate });
  const active = confirmed(vehicle, undefined, 7);
  expect(confirmed(active, undefined, 8)).toBe(active);
});
