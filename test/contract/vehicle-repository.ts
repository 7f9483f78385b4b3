import { beforeAll, expect, test } from 'vitest';
import type { PageRequest } from '#shared/kernel/paging.ts';
import { firstHome, homeName, type VehicleHome } from '#shared/registry/home.ts';
import { type Vehicle, withSoftware } from '#shared/registry/vehicle.ts';
import type { VehicleQuery, VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import { aBrand, aCertificate, aMarket, aVehicle, aVin } from './samples.ts';

/** What every repository of vehicles promises. */
export function vehicleRepositoryContract(make: () => Promise<VehicleRepository>): void {
  let vehicles: VehicleRepository;
  beforeAll(async () => {
    vehicles = await make();
  });

  test('a registered vehicle is found by its id and by its VIN', async () => {
    const vehicle = aVehicle({ deviceKeySha256: 'b'.repeat(64) });
    expect(await vehicles.register(vehicle)).toBe(true);
    expect(await vehicles.load(vehicle.vehicleId)).toEqual(vehicle);
    expect(await vehicles.findByVin(vehicle.vin)).toEqual(vehicle);
  });

  test('a VIN is registered once, also when many try at the same time', async () => {
    const vin = aVin();
    const rivals = Array.from({ length: 8 }, () => aVehicle({ vin }));
    const results = await Promise.all(rivals.map((vehicle) => vehicles.register(vehicle)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect((await vehicles.findByVin(vin))?.vehicleId).toBe(rivals[results.indexOf(true)]?.vehicleId);
  });

  test('a save that has not seen the latest version changes nothing', async () => {
    const vehicle = aVehicle();
    await vehicles.register(vehicle);
    const next = withSoftware(vehicle, '5.4.1', 2_000);
    expect(await vehicles.save(next, vehicle.version)).toBe(true);
    expect(await vehicles.save(withSoftware(vehicle, '9.9.9', 3_000), vehicle.version)).toBe(false);
    expect(await vehicles.load(vehicle.vehicleId)).toEqual(next);
  });

  test('every life cycle comes back as it was saved', async () => {
    const certificate = aCertificate();
    const lifeCycles: Vehicle['lifeCycle'][] = [
      { status: 'provisioned', certificate, reservedUntil: 5 },
      { status: 'active', certificate },
      { status: 'suspended', certificate },
      { status: 'retired', certificate },
      { status: 'retired' },
    ];
    for (const lifeCycle of lifeCycles) {
      const vehicle = aVehicle({ lifeCycle });
      await vehicles.register(vehicle);
      expect(await vehicles.load(vehicle.vehicleId)).toEqual(vehicle);
    }
  });

  test('every step of a move comes back as it was saved', async () => {
    const [name, to, from] = [homeName('north'), { name: firstHome, epoch: 3 }, { name: firstHome, epoch: 1 }];
    const homes: VehicleHome[] = [
      { name, epoch: 2 },
      {
        name,
        epoch: 2,
        tried: 3,
        stayed: { to: firstHome, at: 5, why: { reason: 'refused', code: 'twin-too-large' } },
      },
      { name, epoch: 2, tried: 1, move: { step: 'told', to, since: 5, deadline: 9 } },
      { name, epoch: 2, move: { step: 'returning', to, since: 5, why: { reason: 'called-back' } } },
      { name, epoch: 2, move: { step: 'settled', from, at: 5 } },
    ];
    for (const home of homes) {
      const vehicle = aVehicle({ home });
      await vehicles.register(vehicle);
      expect(await vehicles.load(vehicle.vehicleId)).toEqual(vehicle);
    }
  });

  test('nothing is found where nothing was registered', async () => {
    expect(await vehicles.load(aVehicle().vehicleId)).toBeUndefined();
    expect(await vehicles.findByVin(aVin())).toBeUndefined();
  });

  searchContract(() => vehicles);
}

function searchContract(current: () => VehicleRepository): void {
  const brand = aBrand('audi');
  const fleet = Array.from({ length: 23 }, (_, index) =>
    aVehicle({
      brand: index % 5 === 4 ? aBrand('peugeot') : brand,
      model: index % 2 === 0 ? 'Q4 #e-tron' : 'Q4',
      market: aMarket(index % 3 === 0 ? 'FR' : 'DE'),
      ...(index % 4 === 0 && { softwareVersion: '5.4.1' }),
      ...(index % 7 === 0 && { lifeCycle: { status: 'retired' } }),
    }),
  );
  beforeAll(() => Promise.all(fleet.map((vehicle) => current().register(vehicle))));

  const queries: [string, VehicleQuery, (vehicle: Vehicle) => boolean][] = [
    ['a brand', { brands: [brand] }, () => true],
    ['a model, not of those whose names begin alike', { brands: [brand], model: 'Q4' }, ({ model }) => model === 'Q4'],
    ['a market', { brands: [brand], market: aMarket('FR') }, ({ market }) => market === 'FR'],
    [
      'a model and a market',
      { brands: [brand], model: 'Q4 #e-tron', market: aMarket('DE') },
      ({ model, market }) => model === 'Q4 #e-tron' && market === 'DE',
    ],
    [
      'a software version',
      { brands: [brand], softwareVersion: '5.4.1' },
      ({ softwareVersion }) => softwareVersion === '5.4.1',
    ],
    [
      'software, market and status',
      { brands: [brand], softwareVersion: '5.4.1', market: aMarket('FR'), status: 'expected' },
      (vehicle) =>
        vehicle.softwareVersion === '5.4.1' && vehicle.market === 'FR' && vehicle.lifeCycle.status === 'expected',
    ],
    ['a status', { brands: [brand], status: 'retired' }, ({ lifeCycle }) => lifeCycle.status === 'retired'],
  ];
  for (const [what, query, matches] of queries) {
    test.each([1, 3, 100])(`a search finds every vehicle of ${what} exactly once, in pages of %i`, async (limit) => {
      const found = await everything(current(), query, limit);
      const expected = fleet.filter((vehicle) => query.brands.includes(vehicle.brand) && matches(vehicle));
      expect(found.map(idOf).sort()).toEqual(expected.map(idOf).sort());
    });
  }

  test('a search over several brands finds the vehicles of all of them', async () => {
    const found = await everything(current(), { brands: [aBrand('peugeot'), brand] }, 4);
    expect(found.map(idOf).sort()).toEqual(fleet.map(idOf).sort());
  });

  test('the first page of a search over sixteen brands is not empty because of the brands without vehicles', async () => {
    const brands = Array.from({ length: 15 }, (_, index) => aBrand(`a-maker-${index}`));
    const { items } = await current().search({ brands: [...brands, brand] }, { limit: 3 });
    expect(items).toHaveLength(3);
  });

  test('a search for no brand finds nothing', async () => {
    expect(await everything(current(), { brands: [] }, 10)).toEqual([]);
  });

  test.each(['x', '{}', '{"partition":99}', '{"partition":0,"after":{"vehicleId":"veh-1","sortKey":"x"}}'])(
    'a page cannot begin at %s',
    async (from) => {
      await expect(current().search({ brands: [brand] }, { limit: 1, from })).rejects.toMatchObject({
        kind: 'invalid',
      });
    },
  );

  test('a page cannot begin outside of what is searched', async () => {
    const { vehicleId } = aVehicle();
    const from = (sortKey: string) => JSON.stringify({ partition: 0, after: { vehicleId, sortKey } });
    const search = (sortKey: string) =>
      current().search({ brands: [brand], model: 'Q4' }, { limit: 1, from: from(sortKey) });
    for (const sortKey of ['', 'ID.3', `ID.3#DE#${vehicleId}`, 'Q4#DE#', 'Q4#DE#\u0000', '~']) {
      await expect(search(sortKey)).rejects.toMatchObject({ kind: 'invalid' });
    }
    await search(`Q4#DE#${vehicleId}`);
  });
}

async function everything(vehicles: VehicleRepository, query: VehicleQuery, limit: number): Promise<Vehicle[]> {
  const found: Vehicle[] = [];
  for (let request: PageRequest = { limit }; ; ) {
    const { items, next } = await vehicles.search(query, request);
    expect(items.length).toBeLessThanOrEqual(limit);
    found.push(...items);
    if (next === undefined) return found;
    request = { limit, from: next };
  }
}

function idOf({ vehicleId }: Vehicle): string {
  return vehicleId;
}
