import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Host, thisHost } from '#device-sdk/host.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import type { CertificateEvent } from '#device-sdk/rotation.ts';
import { RotationMemory } from '#device-sdk/rotation-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { Fate, Passage } from '#device-sdk/transports/memory.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import { TestCloud, temporaryDirectory, until } from './test-cloud.ts';

const vin = 'WVWZZZE1ZMP000001';
const open: Vehicle[] = [];
afterEach(() => Promise.all(open.splice(0).map((vehicle) => vehicle.close())));

/** Ten times as fast as this one: who waits ten seconds for an answer waits one. */
const brisk: Host = { ...thisHost, after: (ms, fire) => thisHost.after(ms / 10, fire) };

async function scene(host: Host = thisHost) {
  const cloud = await TestCloud.open();
  cloud.hub.admits = cloud.gate;
  const directory = temporaryDirectory();
  const started = (at: string = directory, more: Partial<VehicleOptions> = {}) => {
    const options = { directory: at, vin, transport: cloud.hub, claim: cloud.claim, host };
    const vehicle = Vehicle.open({ ...options, log: (line) => cloud.log.push(line), ...more });
    open.push(vehicle);
    return vehicle;
  };
  const vehicle = started();
  await vehicle.connect();
  return { cloud, directory, vehicle, started, first: certificateOf(vehicle), vehicleId: vehicle.vehicleId ?? '' };
}

function certificateOf(vehicle: Vehicle): string {
  return vehicle.certificate?.certificateId ?? 'none';
}

function once(picks: (passage: Passage) => boolean, fate: Fate) {
  let spent = false;
  return (passage: Passage): Fate => {
    if (spent || !picks(passage)) return 'deliver';
    spent = true;
    return fate;
  };
}

/** Goes on with another certificate than the first, which is no longer let in. */
async function changed(cloud: TestCloud, vehicle: Vehicle, first: string): Promise<void> {
  await until(() => vehicle.presence.status === 'online' && certificateOf(vehicle) !== first, 'another certificate');
  const [own, ...others] = cloud.own.get(vehicle.vehicleId ?? '') ?? [];
  expect(others).toEqual([]);
  expect(storedIdentity(openStorage(directoryOf(vehicle)))?.certificatePem).toBe(own);
}

const directories = new WeakMap<Vehicle, string>();
function directoryOf(vehicle: Vehicle): string {
  return directories.get(vehicle) ?? '';
}

describe('a vehicle that changes its certificate', () => {
  test('makes a new key, says so, and goes on reporting', async () => {
    const { cloud, directory, vehicle, first } = await scene();
    directories.set(vehicle, directory);
    const events: CertificateEvent[] = [];
    vehicle.onCertificate((event) => events.push(event));
    const key = storedIdentity(openStorage(directory))?.privateKeyPem;
    await vehicle.rotateCertificate();
    await changed(cloud, vehicle, first);
    expect(storedIdentity(openStorage(directory))?.privateKeyPem).not.toBe(key);
    expect(events).toMatchObject([{ kind: 'changed', certificateId: certificateOf(vehicle) }]);
    vehicle.telemetry.record('Vehicle.Speed', 50);
    await vehicle.telemetry.flush();
    await until(() => cloud.telemetry.length > 0, 'telemetry');
  });

  test('when the cloud wishes it, once, however often it is told', async () => {
    const { cloud, directory, vehicle, first, vehicleId } = await scene();
    directories.set(vehicle, directory);
    cloud.desire(vehicleId, 'certificate', {
      replace: first,
      topic: '$aws/provisioning-templates/rotation/provision/json',
    });
    await changed(cloud, vehicle, first);
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'certificate')).includes('reported'), 'the report');
    const issued = cloud.issued.length;
    cloud.desire(vehicleId, 'certificate', { replace: first });
    await vehicle.telemetry.flush();
    expect(cloud.issued.length).toBe(issued);
  });

  const up = (part: string) => (passage: Passage) => passage.direction === 'up' && passage.topic.includes(part);
  const down = (part: string) => (passage: Passage) =>
    passage.direction === 'down' && passage.topic.includes(part) && passage.topic.endsWith('accepted');
  const losses = [
    ['the certificate', down('create-from-csr'), 'drop'],
    ['the registration', down('/provision/'), 'drop'],
    ['the certificate, with the line', down('create-from-csr'), 'cut-before'],
    ['the registration, with the line', down('/provision/'), 'cut-before'],
    ['the request for a certificate, with the line', up('create-from-csr'), 'cut-before'],
    ['the request for registration, with the line', up('/provision/'), 'cut-before'],
    ['the acknowledgement of the registration request', up('/provision/'), 'cut-after'],
  ] as const;

  test.each(losses)('gets there although %s is lost', async (_, picks, fate) => {
    const { cloud, directory, vehicle, first } = await scene(brisk);
    directories.set(vehicle, directory);
    cloud.hub.fate = once(picks, fate);
    await vehicle.rotateCertificate().catch(() => vehicle.connect().then(() => vehicle.rotateCertificate()));
    await changed(cloud, vehicle, first);
  });
});

describe('power that fails', () => {
  test('after any write leaves a vehicle that comes online and changes its certificate', async () => {
    const { cloud, directory, vehicle, started, first, vehicleId } = await scene();
    // What stood on the disk when each message left, or came, and what the cloud believed then.
    const moments: { directory: string; own: readonly string[] }[] = [];
    cloud.hub.fate = ({ topic }) => {
      if (!topic.includes('create-from-csr') && !topic.includes('/provision/')) return 'deliver';
      const copy = join(temporaryDirectory(), 'copy');
      cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
      moments.push({ directory: copy, own: cloud.own.get(vehicleId) ?? [] });
      return 'deliver';
    };
    await vehicle.rotateCertificate();
    const copy = join(temporaryDirectory(), 'copy');
    cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    moments.push({ directory: copy, own: cloud.own.get(vehicleId) ?? [] });
    await vehicle.close();
    cloud.hub.fate = () => 'deliver';
    expect(moments.length).toBeGreaterThanOrEqual(5);
    for (const moment of moments) {
      cloud.own.set(vehicleId, moment.own);
      const next = started(moment.directory);
      directories.set(next, moment.directory);
      await next.connect();
      if (certificateOf(next) === first) await next.rotateCertificate();
      await changed(cloud, next, first);
      await next.close();
    }
  });

  test('between the writes of the change leaves one of two certificates that is let in', async () => {
    const { cloud, directory, vehicle, vehicleId } = await scene();
    const before = cloud.own.get(vehicleId) ?? [];
    await vehicle.rotateCertificate();
    const after = cloud.own.get(vehicleId) ?? [];
    await vehicle.close();
    const identities = new RotationMemory(openStorage(directory)).identities();
    expect(identities.map(({ certificatePem }) => certificatePem)).toEqual([...after, ...before]);
    expect(readdirSync(directory).filter((name) => /^(identity|rotation)/.test(name))).toEqual([
      'identity-former.json',
      'identity.json',
    ]);
  });
});

test('a vehicle whose next certificate is refused falls back to its own and tries again', async () => {
  const { cloud, directory, vehicle, first, vehicleId } = await scene();
  directories.set(vehicle, directory);
  const shut = (options: Parameters<TestCloud['gate']>[0]) =>
    cloud.own.get(options.clientId)?.indexOf(options.certificatePem) === 0;
  cloud.hub.admits = shut;
  await expect(vehicle.rotateCertificate()).rejects.toThrow('does not let the next certificate in');
  await until(() => vehicle.presence.status === 'online', 'the own certificate');
  expect(certificateOf(vehicle)).toBe(first);
  cloud.hub.admits = cloud.gate;
  await vehicle.rotateCertificate();
  await changed(cloud, vehicle, first);
  expect(cloud.own.get(vehicleId)).toHaveLength(1);
});

test('the former certificate is forgotten once the cloud must have given up whatever it did not want', async () => {
  const { directory, vehicle } = await scene();
  await vehicle.rotateCertificate();
  await vehicle.close();
  const storage = openStorage(directory);
  const memory = new RotationMemory(storage);
  const now = Date.now();
  const day = 24 * 3_600_000;
  memory.settled(now);
  memory.settled(now + 13 * day);
  expect(memory.identities()).toHaveLength(2);
  memory.settled(now + 14 * day);
  memory.settled(now + 29 * day);
  expect(memory.identities()).toHaveLength(1);
});
