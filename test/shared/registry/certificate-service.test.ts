import { expect, test } from 'vitest';
import { scopeNames } from '#shared/access/scopes.ts';
import { CertificateService } from '#shared/registry/certificate-service.ts';
import { type Home, homeName } from '#shared/registry/home.ts';
import { VehicleService } from '#shared/registry/vehicle-service.ts';
import { aCertificate, aVehicle } from '../../contract/samples.ts';

const never = () => Promise.reject(new Error('not part of the story'));

/** What is asked of one active vehicle at this home. */
function certificatesAt(home: Home | undefined) {
  const lifeCycle = { status: 'active', certificate: aCertificate() } as const;
  const vehicle = aVehicle({ lifeCycle, ...(home !== undefined && { home }) });
  const vehicles = new VehicleService({
    vehicles: {
      ...{ erased: never, findByVin: never, register: never, save: never, search: never },
      load: async () => vehicle,
    },
    presences: { load: never, loadMany: never, save: never },
    inventories: { load: never, save: never },
    clock: { now: () => 0 },
  });
  const wishes: unknown[] = [];
  const service = new CertificateService({
    vehicles,
    twins: {
      async patchDesired(_, name, patch) {
        wishes.push([name, patch]);
        return true;
      },
    },
    capabilitiesOf: (at) => ({ rotation: at === undefined }),
    rotationTopic: 'rotation',
  });
  const caller = { clientId: 'c', scopes: new Set(scopeNames), brands: [vehicle.brand] };
  return { ask: () => service.askForRotation(caller, vehicle.vehicleId), wishes };
}

test('a vehicle is asked for another certificate where its home registers one', async () => {
  const { ask, wishes } = certificatesAt(undefined);
  expect(await ask()).toEqual({ certificateId: 'cert-1', state: 'asked' });
  expect(wishes).toEqual([['certificate', { replace: 'cert-1', topic: 'rotation' }]]);
});

test('a vehicle is not asked for what its home cannot do', async () => {
  const { ask, wishes } = certificatesAt({ name: homeName('elsewhere'), epoch: 0 });
  await expect(ask()).rejects.toMatchObject({ kind: 'conflict', code: 'rotation-not-offered' });
  expect(wishes).toEqual([]);
});
