import { describe, expect, test } from 'vitest';
import { FleetService } from '#shared/registry/fleet-service.ts';
import { homeName } from '#shared/registry/home.ts';
import { HomeAdmissionService } from '#shared/registry/home-admission.ts';
import type { LifeCycle, Vehicle } from '#shared/registry/vehicle.ts';
import type { VehicleRepository } from '#shared/registry/vehicle-repository.ts';
import { aCertificate, aVehicle, aVehicleId } from '../../contract/samples.ts';

const here = homeName('vw-weu');
const now = 1_000_000;
const own = aCertificate({ certificateId: 'plant-1' });

/** A registry of one vehicle, and a device that shows its own certificate. */
function scene(changes: Partial<Vehicle> = {}) {
  const table = { vehicle: aVehicle({ home: { name: here, epoch: 3 }, ...changes }) };
  const never = () => Promise.reject(new Error('not part of the story'));
  const vehicles: VehicleRepository = {
    ...{ register: never, search: never, erased: async () => undefined },
    load: async (vehicleId) => (vehicleId === table.vehicle.vehicleId ? table.vehicle : undefined),
    findByVin: async (vin) => (vin === table.vehicle.vin ? table.vehicle : undefined),
    async save(next, seen) {
      if (table.vehicle.version !== seen) return false;
      table.vehicle = next;
      return true;
    },
  };
  const none = { load: never, loadMany: never, save: never };
  const fleet = new FleetService({ vehicles, presences: none, inventories: none, clock: { now: () => now } });
  const told: string[] = [];
  const words = { sayAgain: async (vehicleId: string) => void told.push(vehicleId) };
  const service = new HomeAdmissionService({ fleet, vehicles, certificateIn: () => own, words });
  const { vehicleId, vin } = table.vehicle;
  const asked = { vehicleId, vin, registrationId: vehicleId, certificatePem: 'pem' };
  return { table, service, asked, told };
}

describe('a device that shows a certificate of its plant', () => {
  test('is the vehicle that it names where the registry expects that, and the key is kept for it', async () => {
    const { table, service, asked, told } = scene();
    const { brand, market } = table.vehicle;
    expect(await service.ask(here, asked)).toEqual({ answer: { admitted: true, brand, market, epoch: 3 } });
    expect(table.vehicle.lifeCycle).toMatchObject({ status: 'provisioned', certificate: own });
    // The answer was lost on the way.
    expect((await service.ask(here, asked)).answer.admitted).toBe(true);
    expect(told).toEqual([]);
  });

  test('is let in again with what it connects with, also when it was on the road for years, and is told everything again', async () => {
    const { table, service, asked, told } = scene({ lifeCycle: { status: 'active', certificate: own } });
    const before = table.vehicle;
    expect((await service.ask(here, asked)).answer.admitted).toBe(true);
    expect(table.vehicle).toBe(before);
    expect(told).toEqual([asked.vehicleId]);
  });

  test.each([
    [
      'its vehicle is on the road with another key',
      'already-provisioned',
      { status: 'active', certificate: aCertificate() },
    ],
    ['its vehicle is cut off', 'suspended', { status: 'suspended', certificate: own }],
    ['its vehicle is scrapped', 'retired', { status: 'retired', certificate: own }],
  ] as const)('stays outside where %s', async (_, reason, lifeCycle: LifeCycle) => {
    const { table, service, asked } = scene({ lifeCycle });
    const before = table.vehicle;
    expect(await service.ask(here, asked)).toEqual({ answer: { admitted: false }, reason });
    expect(table.vehicle).toBe(before);
  });

  test('stays outside where anything that it says does not belong together, and nothing is kept for it', async () => {
    const { table, service, asked } = scene();
    const before = table.vehicle;
    const reasons = await Promise.all(
      [
        { ...asked, vin: 'WVWZZZE1ZMP999999' },
        { ...asked, vehicleId: aVehicleId(), registrationId: asked.vehicleId },
        { ...asked, registrationId: aVehicleId() },
      ].map((each) => service.ask(here, each)),
    );
    expect(reasons.map(({ reason }) => reason)).toEqual(['vin-not-expected', 'other-vehicle', 'other-vehicle']);
    expect((await service.ask(homeName('vw-neu'), asked)).reason).toBe('other-home');
    expect(table.vehicle).toBe(before);
    const nobody = new HomeAdmissionService({
      ...{ fleet: { admit: () => Promise.reject(new Error('asked')) }, vehicles: { load: async () => undefined } },
      certificateIn: () => undefined,
      words: { sayAgain: () => Promise.reject(new Error('asked')) },
    });
    expect((await nobody.ask(here, asked)).reason).toBe('no-certificate');
  });
});
