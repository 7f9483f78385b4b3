import { describe, expect, test } from 'vitest';
import type { Caller } from '#shared/access/caller.ts';
import { firstHome, homeName } from '#shared/registry/home.ts';
import type { Obstacle } from '#shared/registry/move.ts';
import { MoveService } from '#shared/registry/move-service.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { aBrand, aCertificate, aVehicle } from '../../contract/samples.ts';

const north = homeName('north');
const operator: Caller = { clientId: 'operator', scopes: new Set(), brands: [aBrand()] };
const stranger: Caller = { ...operator, brands: [aBrand('audi')] };

function desk(obstacle?: Obstacle, homes = [firstHome, north]) {
  const table: { vehicle: Vehicle } = {
    vehicle: aVehicle({ lifeCycle: { status: 'active', certificate: aCertificate() } }),
  };
  const never = () => Promise.reject(new Error('not part of the story'));
  const clock = { now: () => 10 };
  const vehicles = new VehicleService({
    vehicles: {
      ...{ findByVin: never, register: never, search: never },
      load: async () => table.vehicle,
      erased: async () => undefined,
      save: async (next) => {
        table.vehicle = next;
        return true;
      },
    },
    presences: { load: async () => undefined, loadMany: never, save: never },
    inventories: { load: never, save: never },
    clock,
  });
  const obstacles = { of: async () => obstacle };
  return { table, moves: new MoveService({ vehicles, obstacles, homes }) };
}

describe('who has a vehicle moved', () => {
  test('is told where it is going, and a second time the same', async () => {
    const { table, moves } = desk();
    const { vehicleId } = table.vehicle;
    const { vehicle } = await moves.send(operator, vehicleId, north);
    expect(vehicle.home?.move).toMatchObject({ step: 'asked', to: { name: north, epoch: 1 } });
    expect((await moves.send(operator, vehicleId, north)).vehicle).toBe(vehicle);
  });

  test('takes it back as often as they like', async () => {
    const { table, moves } = desk();
    const { vehicleId } = table.vehicle;
    await moves.send(operator, vehicleId, north);
    const { vehicle } = await moves.callBack(operator, vehicleId);
    expect(vehicle.home?.move?.step).toBe('returning');
    expect((await moves.callBack(operator, vehicleId)).vehicle).toBe(vehicle);
  });

  test('hears of a home that there is not which there are, and of a vehicle of others nothing', async () => {
    const { table, moves } = desk('trip-under-way');
    const { vehicleId } = table.vehicle;
    await expect(moves.send(operator, vehicleId, homeName('moon'))).rejects.toMatchObject({
      code: 'home-unknown',
      resolution: 'The homes are first, north.',
    });
    for (const ask of [moves.send(stranger, vehicleId, north), moves.callBack(stranger, vehicleId)]) {
      await expect(ask).rejects.toMatchObject({ code: 'vehicle-not-found' });
    }
    await expect(moves.send(operator, vehicleId, north)).rejects.toMatchObject({ code: 'vehicle-on-trip' });
    expect(table.vehicle.home).toBeUndefined();
  });

  test('hears it where the deployment has one home alone', async () => {
    const { table, moves } = desk(undefined, [firstHome]);
    await expect(moves.send(operator, table.vehicle.vehicleId, north)).rejects.toMatchObject({
      code: 'home-unknown',
      resolution: 'This deployment has one home, first: there is no other one to be at, or to move to.',
    });
  });
});
