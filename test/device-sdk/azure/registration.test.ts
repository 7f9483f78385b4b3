import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { PlantClaim } from '#device-sdk/bootstrap/plant-claim.ts';
import { keepCertificate, signingRequest } from '#device-sdk/bootstrap/registration.ts';
import { type Host, thisHost } from '#device-sdk/host.ts';
import { deviceKeySha256 } from '#device-sdk/identity-memory.ts';
import { ProvisioningRefused } from '#device-sdk/questions.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import type { LocalProvisioning } from '#local/azure/dps/provisioning.ts';
import type { Allocator } from '#local/azure/dps/registrations.ts';
import { openPlant, signForVehicle, signRequest } from '#local/azure/plant.ts';
import { hostName } from '../../local/azure/hub-scene.ts';
import { temporaryDirectory, until } from '../test-cloud.ts';
import { type HubCloud, openProvisionedCloud, scope } from './hub-cloud.ts';

const vin = 'WAUZZZ00000000001';
let cloud: HubCloud;
let provisioning: LocalProvisioning;
/** What the registry behind the webhook answers. */
let allocate: Allocator;
let count = 0;

beforeAll(async () => {
  ({ cloud, provisioning } = await openProvisionedCloud());
  provisioning.allocateWith((request) => allocate(request));
});
afterAll(() => cloud.close());

/** A vehicle as it leaves the line: a directory, and a plant that it can ask. */
function newVehicle(change: Partial<PlantClaim> = {}) {
  count += 1;
  const vehicleId = `veh-new-${count}`;
  const directory = temporaryDirectory();
  const asked: string[] = [];
  allocate = async () => ({ status: 200, body: { iotHubHostName: hostName, initialTwin: { tags: { vehicleId } } } });
  const sign = (request: string) => signRequest(cloud.plant, vehicleId, request);
  const open = (options: Partial<VehicleOptions> = {}) => {
    const claim = {
      ...{ provisioningHost: `localhost:${cloud.port}`, scope, caFile: cloud.authority.caFile },
      plant: (request: string) => {
        asked.push(request);
        return sign(request);
      },
      ...change,
    };
    const { transport, journal } = cloud;
    const vehicle = Vehicle.open({ vin, directory, claim, transport, log: (line) => journal.push(line), ...options });
    onTestFinished(() => vehicle.close());
    return vehicle;
  };
  return { vehicleId, directory, asked, open, sign };
}

test('a vehicle that has nothing but its plant comes to its hub, and does not ask again', async () => {
  const { vehicleId, directory, asked, open } = newVehicle();
  const heard: unknown[] = [];
  const admitted = allocate;
  allocate = (request) => {
    heard.push(request.deviceRuntimeContext.payload);
    return admitted(request);
  };
  const vehicle = open();
  await vehicle.connect();
  const key = deviceKeySha256(openStorage(directory));
  expect(await vehicle.provision()).toMatchObject({
    vehicleId,
    endpoint: hostName,
    topics: { commandTopic: 'commands' },
  });
  expect(vehicle.certificate?.certificateId).toMatch(/^[0-9a-f]{64}$/);
  await vehicle.close();
  const again = open();
  await again.connect();
  expect([heard, asked.length, deviceKeySha256(openStorage(directory))]).toEqual([[{ vin }], 1, key]);
  await expect(again.rotateCertificate()).rejects.toThrow('changes no certificates');
});

test('what is lost on the way is asked for again with the same key; what was answered is not', async () => {
  let answers = 0;
  const { directory, vehicleId, open, asked } = newVehicle({
    plant: (request) => {
      answers += 1;
      if (answers === 1) return Promise.reject(new Error('the plant does not answer'));
      return signRequest(cloud.plant, vehicleId, request);
    },
  });
  const admitted = allocate;
  let allocations = 0;
  allocate = (request) => {
    allocations += 1;
    return allocations === 1 ? Promise.resolve({ status: 503, body: {} }) : admitted(request);
  };
  cloud.faults.plan({ kind: 'cut', hop: 'mqtt', label: `$dps/registrations/${vehicleId}`, times: 1 });
  const key = deviceKeySha256(openStorage(directory));
  await open().connect();
  expect([answers, allocations, asked, deviceKeySha256(openStorage(directory))]).toEqual([2, 2, [], key]);
});

test('whom the registry, the service or the plant will not have is told so, once', async () => {
  const stranger = newVehicle();
  let allocations = 0;
  allocate = () => {
    allocations += 1;
    return Promise.resolve({ status: 400, body: { message: 'Not expected here' } });
  };
  await expect(stranger.open().provision()).rejects.toThrow(ProvisioningRefused);
  expect(allocations).toBe(1);
  await expect(newVehicle({ scope: '0ne0000ELSE' }).open().provision()).rejects.toThrow(ProvisioningRefused);
  const another = await openPlant(temporaryDirectory());
  const plant = (request: string) => signRequest(another, 'veh-another', request);
  await expect(newVehicle({ plant }).open().provision()).rejects.toThrow(ProvisioningRefused);
  const refusing = () => Promise.reject(new ProvisioningRefused(403, 'Refused', 'no such vehicle on the line'));
  await expect(newVehicle({ plant: refusing }).open().provision()).rejects.toThrow('no such vehicle on the line');
});

test('a service that cannot be reached is no refusal', async () => {
  const soon: Host = { ...thisHost, after: (_, fire) => thisHost.after(0, fire) };
  const unreachable = newVehicle({ provisioningHost: 'localhost:1' }).open({ host: soon }).provision();
  await expect(unreachable).rejects.toThrow(/ECONNREFUSED/);
  await expect(unreachable).rejects.not.toBeInstanceOf(ProvisioningRefused);
});

test('a factory without a network between plant and vehicle carries the request and the answer by hand', async () => {
  const { directory, vehicleId, asked, open, sign } = newVehicle();
  const storage = openStorage(directory);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const forAnother = await signForVehicle(cloud.plant, vehicleId, foreign.toString());
  expect(() => keepCertificate(storage, forAnother)).toThrow('for another key');
  expect(() => keepCertificate(storage, 'no certificate')).toThrow('no certificate');
  keepCertificate(storage, await sign(signingRequest(storage)));
  const vehicle = open();
  await vehicle.connect();
  expect([vehicle.vehicleId, asked]).toEqual([vehicleId, []]);
  expect(() => keepCertificate(storage, forAnother)).toThrow('already');
});

test('a vehicle that its hub never let in asks the service anew, with the certificate that it has', async () => {
  const { directory, open, asked } = newVehicle();
  const former = await open().provision();
  const admitted = allocate;
  let allocations = 0;
  allocate = (request) => {
    allocations += 1;
    return admitted(request);
  };
  const { transport, journal } = cloud;
  const claim = { provisioningHost: `localhost:${cloud.port}`, scope, caFile: cloud.authority.caFile };
  const again = await transport.dialect.provisionAgain(
    {
      ...{ vin, transport, storage: openStorage(directory), host: thisHost, log: (line) => journal.push(line) },
      claim: { ...claim, plant: () => Promise.reject(new Error('a plant is far from any road')) },
    },
    former,
  );
  expect([again, allocations, asked.length]).toEqual([former, 1, 1]);
});

test('a vehicle that was online and whose hub has lost it comes back with the certificate that it has', async () => {
  const { vehicleId, open, asked } = newVehicle();
  let hours = 0;
  // Five refusals take five hours.
  const host: Host = { ...thisHost, monotonic: () => thisHost.monotonic() + hours * 3_600_000 };
  const log = (line: string) => {
    if (line.startsWith('not connected')) hours += 1;
  };
  const vehicle = open({ host, log });
  await vehicle.connect();
  cloud.hub.identities.delete(vehicleId);
  await until(() => cloud.hub.identities.find(vehicleId) !== undefined && vehicle.presence.status === 'online');
  expect(hours).toBeGreaterThanOrEqual(5);
  expect([vehicle.vehicleId, asked.length]).toEqual([vehicleId, 1]);
});
