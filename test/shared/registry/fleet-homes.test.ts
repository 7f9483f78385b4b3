import { expect, test } from 'vitest';
import { FleetService } from '#shared/registry/fleet-service.ts';
import { firstHome, type Home, homeName } from '#shared/registry/home.ts';
import type { Presence, PresenceEvent } from '#shared/registry/presence.ts';
import type { Vehicle } from '#shared/registry/vehicle.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const elsewhere: Home = { name: homeName('elsewhere'), epoch: 2 };
const certificate = aCertificate();

/** The fleet of one vehicle, kept in memory. */
function fleetOf(first: Vehicle) {
  const table: { vehicle: Vehicle; presence?: Presence } = { vehicle: first };
  const never = () => Promise.reject(new Error('not part of the story'));
  const fleet = new FleetService({
    vehicles: {
      ...{ erased: never, register: never, search: never },
      load: async () => table.vehicle,
      findByVin: async () => table.vehicle,
      async save(next) {
        table.vehicle = next;
        return true;
      },
    },
    presences: {
      loadMany: never,
      load: async () => table.presence,
      async save(presence) {
        table.presence = presence;
        return true;
      },
    },
    inventories: { load: never, save: never },
    clock: { now: () => 5_000 },
  });
  return { table, fleet };
}

function heard(vehicle: Vehicle, home: Home, sequence: string): PresenceEvent {
  return { vehicleId: vehicle.vehicleId, kind: 'connected', at: 4_000, home, sequence };
}

test('a vehicle is admitted by its own home, and by no other', async () => {
  const { table, fleet } = fleetOf(aVehicle({ home: elsewhere }));
  const refused = { admitted: false, reason: 'other-home' };
  expect(await fleet.admit(table.vehicle.vin, certificate)).toEqual(refused);
  expect(await fleet.admit(table.vehicle.vin, certificate, homeName('third'))).toEqual(refused);
  expect(table.vehicle.lifeCycle.status).toBe('expected');
  expect(await fleet.admit(table.vehicle.vin, certificate, elsewhere.name)).toMatchObject({ admitted: true });
  const golf = fleetOf(aVehicle());
  expect(await golf.fleet.admit(golf.table.vehicle.vin, certificate, elsewhere.name)).toEqual(refused);
  expect(await golf.fleet.admit(golf.table.vehicle.vin, certificate, firstHome)).toMatchObject({ admitted: true });
});

test('the first connection at home makes a vehicle active, though nobody names its certificate', async () => {
  const lifeCycle = { status: 'provisioned', certificate, reservedUntil: 9_000 } as const;
  const { table, fleet } = fleetOf(aVehicle({ home: elsewhere, lifeCycle }));
  await fleet.observe(heard(table.vehicle, elsewhere, '01'));
  expect(table.vehicle.lifeCycle).toEqual({ status: 'active', certificate });
  expect(table.presence).toMatchObject({ connected: true, epoch: 2, sequence: '01' });
});

test('what a former home says of a vehicle confirms nothing, and changes no presence', async () => {
  const lifeCycle = { status: 'provisioned', certificate, reservedUntil: 9_000 } as const;
  const { table, fleet } = fleetOf(aVehicle({ home: elsewhere, lifeCycle }));
  const { vehicle } = table;
  const { vehicleId } = vehicle;
  const late: PresenceEvent[] = [
    heard(vehicle, { ...elsewhere, epoch: 1 }, 'ff'),
    heard(vehicle, { name: homeName('third'), epoch: 2 }, 'ff'),
    {
      vehicleId,
      kind: 'connected',
      at: 4_900,
      sessionId: 's',
      connection: 9,
      certificateId: certificate.certificateId,
    },
  ];
  for (const event of late) expect(await fleet.observe(event)).toBeUndefined();
  expect(table).toEqual({ vehicle });
});
