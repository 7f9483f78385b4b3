import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CommandRejected } from '#device-sdk/commands.ts';
import { lockDirectory, lockName } from '#device-sdk/directory-lock.ts';
import { type Host, thisHost } from '#device-sdk/host.ts';
import { deviceKeySha256, storedIdentity, UnreadableIdentity } from '#device-sdk/identity-memory.ts';
import { InvalidInventory } from '#device-sdk/inventory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { MemoryHub } from '#device-sdk/transports/memory.ts';
import { Vehicle, type VehicleOptions } from '#device-sdk/vehicle.ts';
import { TestCloud, temporaryDirectory, until } from './test-cloud.ts';

const open: Vehicle[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((vehicle) => vehicle.close()));
});

async function scene(options: Partial<VehicleOptions> = {}) {
  const cloud = await TestCloud.open();
  const directory = temporaryDirectory();
  const life = (more: Partial<VehicleOptions> = {}) => {
    const vehicle = Vehicle.open({
      vin: 'WVWZZZE1ZMP000001',
      directory,
      transport: cloud.hub,
      claim: cloud.claim,
      telemetry: { flushInterval: 20 },
      log: (line) => cloud.log.push(line),
      ...options,
      ...more,
    });
    open.push(vehicle);
    return vehicle;
  };
  const vehicle = life();
  const { vehicleId } = await vehicle.provision();
  return { cloud, vehicle, vehicleId, directory, life };
}

describe("the vehicle's directory", () => {
  test('is kept from a second process, until the first has ended, however it did', async () => {
    const directory = temporaryDirectory();
    const { hub: transport } = await TestCloud.open();
    const settings = { vin: 'WVWZZZE1ZMP000001', directory, transport };
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
    lockDirectory(directory, String, other.pid);
    expect(() => Vehicle.open(settings)).toThrow(`Process ${other.pid} runs a vehicle in ${directory}`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const vehicle = Vehicle.open(settings);
    expect(readFileSync(join(directory, lockName), 'utf8')).toMatch(`${process.pid} `);
    await vehicle.close();
    expect(existsSync(join(directory, lockName))).toBe(false);
  });

  test('is free again where the vehicle could not be opened', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'identity.json'), 'torn');
    const settings = { vin: 'WVWZZZE1ZMP000001', directory, transport: new MemoryHub() };
    expect(() => Vehicle.open(settings)).toThrow(UnreadableIdentity);
    expect(existsSync(join(directory, lockName))).toBe(false);
  });
});

describe('the connection', () => {
  test('is resumed after a loss, and says so', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const seen: string[] = [];
    vehicle.onPresence(({ status }) => seen.push(status));
    await vehicle.connect();
    cloud.hub.cut(vehicleId);
    await until(() => seen.length === 3);
    expect(seen).toEqual(['online', 'offline', 'online']);
    expect(vehicle.presence.status).toBe('online');
  });

  test('waits for a network without an error', async () => {
    const { cloud, vehicle } = await scene();
    cloud.hub.shut();
    const online = vehicle.connect();
    vehicle.telemetry.record('Vehicle.Speed', 10);
    cloud.hub.open();
    await online;
    await until(() => cloud.telemetry.length === 1);
  });

  test('uses no topic but those of its device configuration', async () => {
    const { cloud, vehicle, vehicleId } = await scene({ inventory: { softwareVersion: '1.0.0', ecus: [] } });
    const topics = new Set<string>();
    cloud.hub.fate = ({ direction, topic }) => {
      if (direction === 'up') topics.add(topic);
      return 'deliver';
    };
    vehicle.twin('comfort').onDesired((desired) => desired);
    vehicle.commands.handle('doors.lock', () => undefined);
    await vehicle.connect();
    cloud.desire(vehicleId, 'comfort', { a: 1 });
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.lock' });
    vehicle.telemetry.record('Vehicle.Speed', 1);
    await until(() => cloud.replies.length === 1 && cloud.telemetry.length === 1);
    const shadow = `$aws/things/${vehicleId}/shadow/name/`;
    expect([...topics].filter((topic) => !topic.startsWith(shadow)).sort()).toEqual([
      `$aws/rules/fleetloom_test_inventory/vehicles/${vehicleId}/inventory`,
      `$aws/rules/fleetloom_test_replies/vehicles/${vehicleId}/replies`,
      `$aws/rules/fleetloom_test_telemetry/vehicles/${vehicleId}/telemetry`,
    ]);
  });
});

test('a vehicle goes on although whoever listens to its presence fails', async () => {
  const { cloud, vehicle } = await scene();
  vehicle.onPresence(() => {
    throw new Error('the display is broken');
  });
  await vehicle.connect();
  vehicle.telemetry.record('Vehicle.Speed', 10);
  await until(() => cloud.telemetry.length === 1);
  expect(cloud.log).toContainEqual(expect.stringContaining('the display is broken'));
});

describe('an identity that the cloud refuses', () => {
  const hasty: Host = { ...thisHost, monotonic: () => performance.now() * 10_000 };

  async function refusedScene(options: Partial<VehicleOptions> = {}) {
    const there = await scene({ host: hasty, ...options });
    const { cloud, vehicle, directory } = there;
    const storage = openStorage(directory);
    const { certificatePem } = await vehicle.provision();
    const refusals = { count: 0 };
    const revoke = () => {
      cloud.hub.admits = (client) => {
        const admitted = client.certificatePem !== certificatePem;
        if (!admitted) refusals.count += 1;
        return admitted;
      };
    };
    return { ...there, storage, certificatePem, refusals, revoke };
  }

  test('and always has is replaced by another for the same key', async () => {
    const { cloud, vehicle, vehicleId, certificatePem, revoke, storage, life } = await refusedScene();
    const key = deviceKeySha256(storage);
    revoke();
    await vehicle.connect();
    vehicle.telemetry.record('Vehicle.Speed', 33);
    await until(() => cloud.telemetry.length === 1);
    expect(storedIdentity(storage)).toMatchObject({ vehicleId, certificateId: cloud.issued[1] });
    expect(storedIdentity(storage)?.certificatePem).not.toBe(certificatePem);
    expect(deviceKeySha256(storage)).toBe(key);
    expect(readdirSync(storage.directory).filter((name) => name.startsWith('identity'))).toEqual(['identity.json']);
    await vehicle.close();
    await life().connect();
    expect(cloud.issued).toHaveLength(2);
  });

  test('stays where it was once of use: a vehicle that is suspended does not introduce itself anew', async () => {
    const { cloud, vehicle, vehicleId, revoke, refusals, life } = await refusedScene();
    await vehicle.connect();
    revoke();
    cloud.hub.cut(vehicleId);
    await until(() => refusals.count > 50);
    await vehicle.close();
    const next = life();
    void next.connect().catch(() => {});
    await until(() => refusals.count > 100);
    expect(cloud.issued).toHaveLength(1);
    cloud.hub.admits = () => true;
    await until(() => next.presence.status === 'online');
  });

  test('stays where the cloud gives no other, and serves once the cloud thinks better of it', async () => {
    const { cloud, vehicle, vehicleId, certificatePem, revoke, storage } = await refusedScene();
    cloud.admitted.set('WVWZZZE1ZMP000001', 'another key');
    revoke();
    const online = vehicle.connect();
    await until(() => cloud.log.some((line) => line.includes('AccessDenied')));
    cloud.hub.admits = () => true;
    await online;
    expect(storedIdentity(storage)).toMatchObject({ vehicleId, certificatePem });
  });

  test('stays while the vehicle has no claim, or not yet been refused for minutes', async () => {
    const calm = await refusedScene({ host: thisHost });
    calm.revoke();
    void calm.vehicle.connect().catch(() => {});
    await until(() => calm.refusals.count > 50);
    const bare = await refusedScene();
    await bare.vehicle.close();
    bare.revoke();
    const { directory, cloud } = bare;
    const next = Vehicle.open({ vin: 'WVWZZZE1ZMP000001', directory, transport: cloud.hub, host: hasty });
    open.push(next);
    void next.connect().catch(() => {});
    await until(() => bare.refusals.count > 50);
    expect([calm.cloud.issued.length, bare.cloud.issued.length]).toEqual([1, 1]);
  });
});

describe('the inventory', () => {
  test('is told at each connection, with a number that rises across restarts', async () => {
    const inventory = {
      softwareVersion: '4.2.0',
      ecus: [{ ecuId: 'gateway', hardwareId: 'gw-2', softwareVersion: '1.4.0', releaseCounter: 4 }],
    };
    const { cloud, vehicle, vehicleId, life } = await scene({ inventory });
    await vehicle.connect();
    await until(() => cloud.inventories.length === 1);
    cloud.hub.cut(vehicleId);
    await until(() => cloud.inventories.length === 2);
    await vehicle.close();
    const next = life();
    await next.connect();
    await next.inventory.report({ ...inventory, softwareVersion: '4.3.0' });
    await until(() => cloud.inventories.length === 4);
    const numbers = cloud.inventories.map(({ sequence }) => sequence);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    expect(cloud.inventories.at(-1)?.softwareVersion).toBe('4.3.0');
    expect(cloud.inventories[0]?.ecus).toEqual(inventory.ecus);
  });

  test('is still news to the cloud after the vehicle forgot its last number, also where its clock stands in 1970', async () => {
    const lost: Host = { ...thisHost, now: () => 42 };
    const { cloud, vehicle, directory, life } = await scene({
      inventory: { softwareVersion: '4.2.0', ecus: [] },
      host: lost,
    });
    await vehicle.connect();
    await until(() => cloud.inventories.length === 1);
    await vehicle.inventory.report({ softwareVersion: '4.3.0', ecus: [] });
    await vehicle.close();
    rmSync(join(directory, 'inventory.json'));
    cloud.ahead = 5000;
    await life().connect();
    await until(() => cloud.inventories.length === 3);
    const [, before = Number.NaN, after = Number.NaN] = cloud.inventories.map(({ sequence }) => sequence);
    expect(after).toBeGreaterThan(before);
  });

  test('that the cloud would not take is refused on board, and names what is wrong', async () => {
    const { cloud, vehicle } = await scene();
    await vehicle.connect();
    const gateway = { ecuId: 'gateway', hardwareId: '5G0 035 820 A', softwareVersion: '1.4.0', releaseCounter: 4 };
    await vehicle.inventory.report({ softwareVersion: '4.2.0', ecus: [gateway] });
    const broken = { softwareVersion: '4.2.0', ecus: [{ ...gateway, releaseCounter: -1 }] };
    await expect(vehicle.inventory.report(broken)).rejects.toThrow(InvalidInventory);
    await expect(vehicle.inventory.report(broken)).rejects.toThrow(/releaseCounter/);
    const unnamed = { softwareVersion: '4.2.0', ecus: [gateway], rxswins: { R79: 'A' } };
    await expect(vehicle.inventory.report(unnamed)).rejects.toThrow(/rxswins/);
    await until(() => cloud.inventories.length === 1);
    expect(cloud.inventories[0]?.ecus).toEqual([gateway]);
  });
});

describe('a twin', () => {
  test('makes true what is desired and reports it', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    vehicle.twin('comfort').onDesired(({ temperature }) => ({ temperature }));
    await vehicle.connect();
    cloud.desire(vehicleId, 'comfort', { temperature: 22 });
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'comfort')).includes('reported'));
    expect(cloud.shadow(vehicleId, 'comfort')).toEqual({ desired: { temperature: 22 }, reported: { temperature: 22 } });
  });

  test('finds on the next connection what was desired while the vehicle was away', async () => {
    const { cloud, vehicle, vehicleId, life } = await scene();
    await vehicle.connect();
    await vehicle.close();
    cloud.desire(vehicleId, 'comfort', { seat: { heating: 2 } });
    const seen: unknown[] = [];
    const next = life();
    next.twin('comfort').onDesired((desired) => {
      seen.push(desired);
      return desired;
    });
    await next.connect();
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'comfort')).includes('reported'));
    expect(seen).toEqual([{ seat: { heating: 2 } }]);
  });

  test('hears a wish once, although it comes twice, and an overtaken one never', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const seen: unknown[] = [];
    vehicle.twin('comfort').onDesired((desired) => {
      seen.push(desired['a']);
      return undefined;
    });
    await vehicle.connect();
    cloud.hub.fate = ({ topic }) => (topic.endsWith('/delta') ? 'duplicate' : 'deliver');
    cloud.desire(vehicleId, 'comfort', { a: 1 });
    await until(() => seen.length === 1);
    // The delta of the second wish comes after that of the third.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    cloud.hub.fate = ({ topic, payload }) => (topic.endsWith('/delta') && payload.includes('"a":2') ? held : 'deliver');
    cloud.desire(vehicleId, 'comfort', { a: 2 });
    cloud.desire(vehicleId, 'comfort', { a: 3 });
    await until(() => seen.includes(3));
    release();
    await held;
    cloud.desire(vehicleId, 'comfort', { a: 4 });
    await until(() => seen.includes(4));
    expect(seen).toEqual([1, 3, 4]);
  });

  test('that reports something else than desired does not argue for ever', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    let calls = 0;
    vehicle.twin('comfort').onDesired(() => {
      calls += 1;
      return { temperature: 28 };
    });
    vehicle.twin('barrier').onDesired((desired) => desired);
    await vehicle.connect();
    cloud.desire(vehicleId, 'comfort', { temperature: 40 });
    await until(() => cloud.shadows.get(vehicleId, 'comfort')['version'] === 2);
    // Whatever the report brought about has come before the next wish is fulfilled.
    cloud.desire(vehicleId, 'barrier', { up: true });
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'barrier')).includes('reported'));
    expect(calls).toBe(1);
    expect(cloud.shadows.get(vehicleId, 'comfort')['version']).toBe(2);
    // Asked for once more, it is a new wish.
    cloud.desire(vehicleId, 'comfort', { temperature: 41 });
    await until(() => calls === 2);
  });

  test('whose wish could not be fulfilled is asked for again with the next connection', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    let calls = 0;
    vehicle.twin('comfort').onDesired((desired) => {
      calls += 1;
      if (calls === 1) throw new Error('the heating does not answer');
      return desired;
    });
    await vehicle.connect();
    cloud.desire(vehicleId, 'comfort', { temperature: 22 });
    await until(() => cloud.log.some((line) => line.includes('the heating does not answer')));
    cloud.hub.cut(vehicleId);
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'comfort')).includes('reported'));
    expect(calls).toBe(2);
  });

  test('survives a broken line where the disk takes nothing, and reports afterwards', async () => {
    const { cloud, vehicle, vehicleId, directory } = await scene();
    await vehicle.connect();
    cloud.hub.fate = ({ topic }) => (topic.endsWith('/update') ? new Promise(() => {}) : 'deliver');
    void vehicle.twin('comfort').report({ window: 'open' });
    void vehicle.twin('comfort').report({ roof: 'closed' });
    rmSync(directory, { recursive: true });
    cloud.hub.cut(vehicleId);
    cloud.hub.fate = () => 'deliver';
    await until(() => JSON.stringify(shadowOrNothing(cloud, vehicleId)).includes('roof'));
    expect(cloud.shadow(vehicleId, 'comfort')).toEqual({ reported: { window: 'open', roof: 'closed' } });
    mkdirSync(directory);
  });

  test('keeps a report that it cannot send, also through a restart', async () => {
    const { cloud, vehicle, vehicleId, life } = await scene();
    await vehicle.connect();
    cloud.hub.shut();
    await vehicle.twin('comfort').report({ window: 'open' });
    await vehicle.twin('comfort').report({ roof: 'closed' });
    await vehicle.close();
    cloud.hub.open();
    const next = life();
    next.twin('comfort');
    await next.connect();
    await until(() => JSON.stringify(shadowOrNothing(cloud, vehicleId)).includes('roof'));
    expect(cloud.shadow(vehicleId, 'comfort')).toEqual({ reported: { window: 'open', roof: 'closed' } });
  });

  test('begins anew with a shadow that was deleted and made again', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const seen: unknown[] = [];
    vehicle.twin('comfort').onDesired((desired) => {
      seen.push(desired);
      return desired;
    });
    await vehicle.connect();
    for (const a of [1, 2, 3]) {
      cloud.desire(vehicleId, 'comfort', { a });
      await until(() => seen.length === a);
    }
    cloud.hub.shut();
    cloud.shadows.delete(vehicleId, 'comfort');
    // Two days later the cloud has forgotten the version.
    cloud.ahead = 49 * 3_600_000;
    cloud.desire(vehicleId, 'comfort', { b: 1 });
    expect(cloud.shadows.get(vehicleId, 'comfort')['version']).toBe(1);
    cloud.hub.open();
    await until(() => seen.length === 4);
    expect(seen.at(-1)).toEqual({ b: 1 });
  });

  test('of any name is handled where the vehicle says so, and asked for after a restart', async () => {
    const { cloud, vehicle, vehicleId, life } = await scene();
    vehicle.onAnyTwin((_, desired) => desired);
    await vehicle.connect();
    cloud.desire(vehicleId, 'ambient-light', { colour: 'blue' });
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'ambient-light')).includes('reported'));
    await vehicle.close();
    cloud.desire(vehicleId, 'ambient-light', { colour: 'green' });
    const next = life();
    next.onAnyTwin((_, desired) => desired);
    await next.connect();
    await until(() =>
      JSON.stringify(cloud.shadow(vehicleId, 'ambient-light')).includes('"reported":{"colour":"green"}'),
    );
  });
});

function shadowOrNothing(cloud: TestCloud, vehicleId: string): unknown {
  try {
    return cloud.shadow(vehicleId, 'comfort');
  } catch {
    return '';
  }
}

describe('telemetry', () => {
  test('that VSS 6 does not admit is refused with the reason', async () => {
    const { vehicle } = await scene();
    const { telemetry } = vehicle;
    expect(() => telemetry.record('Vehicle.Flux', 1)).toThrow('Vehicle.Flux is no signal of VSS 6');
    expect(() => telemetry.record('Vehicle.Speed', 'fast')).toThrow('Vehicle.Speed is not a finite number');
    expect(() => telemetry.record('Vehicle.CurrentLocation.Latitude', 91)).toThrow('is above the maximum 90 degrees');
    expect(() => telemetry.record('Vehicle.VehicleIdentification.VIN', 'WVWZZZE1ZMP000001')).toThrow('personal data');
    expect(() => telemetry.record('Vehicle.VehicleIdentification.Model', 'x'.repeat(6000))).toThrow('too long');
    expect(() => telemetry.record('Vehicle.VehicleIdentification.LicensePlate', 'WOB-VW 1')).toThrow('personal data');
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) {
      expect(() => telemetry.record('Vehicle.Speed', 1, { at })).toThrow('has a time that is none');
    }
  });

  test('gathered without a network arrives in full messages, in order, when there is one', async () => {
    const { cloud, vehicle } = await scene();
    for (let value = 0; value < 1200; value += 1) {
      vehicle.telemetry.record('Vehicle.TraveledDistance', value, { at: 1_800_000_000_000 + value });
    }
    await vehicle.connect();
    await vehicle.telemetry.flush();
    const values = cloud.telemetry
      .flatMap(({ signals }) => signals['Vehicle.TraveledDistance'] ?? [])
      .map(([, value]) => value);
    expect(values).toEqual(Array.from({ length: 1200 }, (_, index) => index));
    expect(cloud.telemetry.length).toBeLessThan(5);
    expect(cloud.telemetry.map(({ sequence }) => sequence)).toEqual(cloud.telemetry.map((_, index) => index + 1));
  });

  test('loses nothing to a line that breaks, and a resend keeps its number', async () => {
    const { cloud, vehicle } = await scene();
    await vehicle.connect();
    let count = 0;
    cloud.hub.fate = ({ direction, topic }) => {
      if (direction === 'down' || !topic.includes('telemetry')) return 'deliver';
      count += 1;
      if (count > 8) return 'deliver';
      return count % 2 === 1 ? 'cut-after' : 'cut-before';
    };
    for (let value = 0; value < 2000; value += 1) vehicle.telemetry.record('Vehicle.TraveledDistance', value);
    await vehicle.telemetry.flush();
    const bySequence = new Map(cloud.telemetry.map((batch) => [batch.sequence, JSON.stringify(batch)]));
    for (const batch of cloud.telemetry) expect(JSON.stringify(batch)).toBe(bySequence.get(batch.sequence));
    const values = [...bySequence.values()]
      .flatMap((text) => JSON.parse(text).signals['Vehicle.TraveledDistance'])
      .map(([, value]) => value);
    expect(values.sort((one, other) => one - other)).toEqual(Array.from({ length: 2000 }, (_, index) => index));
    expect(cloud.telemetry.length).toBeGreaterThan(bySequence.size);
  });

  test('of one life is sent by the next', async () => {
    const { cloud, vehicle, life } = await scene();
    vehicle.telemetry.record('Vehicle.Speed', 33);
    await vehicle.close();
    const next = life();
    await next.connect();
    await until(() => cloud.telemetry.length === 1);
    expect(cloud.telemetry[0]?.signals['Vehicle.Speed']?.[0]?.[1]).toBe(33);
  });

  test('carries the time of the cloud where the own clock stands in 1970', async () => {
    const lost: Host = { ...thisHost, now: () => 42 };
    const { cloud, vehicle } = await scene({ host: lost });
    await vehicle.connect();
    await until(() => Math.abs(vehicle.now() - Date.now()) < 3000);
    vehicle.telemetry.record('Vehicle.Speed', 33);
    await vehicle.telemetry.flush();
    expect(Math.abs((cloud.telemetry[0]?.start ?? 0) - Date.now())).toBeLessThan(3000);
  });
});

describe('a command', () => {
  test('is carried out and answered', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const done: unknown[] = [];
    vehicle.commands.handle('climate.start', (parameters) => {
      done.push(parameters);
      return 'The cabin is warming up.';
    });
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'climate.start', parameters: { targetTemperature: 21 } });
    const reply = await until(() => cloud.replies[0]);
    expect(done).toEqual([{ targetTemperature: 21 }]);
    expect(reply).toMatchObject({ commandId: 'c1', status: 'succeeded', detail: 'The cabin is warming up.' });
    expect(Math.abs(reply.completedAt - Date.now())).toBeLessThan(3000);
  });

  test('that comes many times, before and after a restart, is carried out once and answered alike', async () => {
    const { cloud, vehicle, vehicleId, life } = await scene();
    let done = 0;
    const lock = () => {
      done += 1;
      return undefined;
    };
    vehicle.commands.handle('doors.lock', lock);
    await vehicle.connect();
    cloud.hub.fate = ({ topic }) => (topic.endsWith('/commands') ? 'duplicate' : 'deliver');
    const command = { commandId: 'c1', name: 'doors.lock', expiresAt: Date.now() + 60_000 };
    cloud.command(vehicleId, command);
    cloud.command(vehicleId, command);
    await until(() => cloud.replies.length > 0);
    cloud.command(vehicleId, command);
    await until(() => cloud.replies.length > 1);
    await vehicle.close();
    const next = life();
    next.commands.handle('doors.lock', lock);
    await next.connect();
    const before = cloud.replies.length;
    cloud.command(vehicleId, command);
    await until(() => cloud.replies.length > before);
    expect(done).toBe(1);
    for (const reply of cloud.replies) expect(reply).toEqual(cloud.replies[0]);
  });

  test('that a crash interrupted is answered as failed and not carried out again', async () => {
    const { cloud, vehicle, vehicleId, directory, life } = await scene();
    const disk = temporaryDirectory();
    let begun = 0;
    vehicle.commands.handle('doors.unlock', () => {
      begun += 1;
      // What a process that is killed now leaves behind.
      cpSync(directory, disk, { recursive: true });
      return new Promise(() => {});
    });
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    await until(() => begun === 1);
    await vehicle.close();
    const next = life({ directory: disk });
    next.commands.handle('doors.unlock', () => {
      begun += 1;
      return undefined;
    });
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    await next.connect();
    const reply = await until(() => cloud.replies[0]);
    expect(reply).toMatchObject({ commandId: 'c1', status: 'failed', reason: 'interrupted' });
    expect(begun).toBe(1);
  });

  test('whose reply was lost with the line is answered on the next connection', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    vehicle.commands.handle('doors.lock', () => undefined);
    await vehicle.connect();
    let lost = 0;
    cloud.hub.fate = ({ direction, topic }) => {
      if (direction === 'down' || !topic.includes('replies') || lost > 0) return 'deliver';
      lost += 1;
      return 'cut-before';
    };
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.lock' });
    await until(() => cloud.replies.length === 1);
    expect([lost, cloud.replies[0]?.status]).toEqual([1, 'succeeded']);
  });

  test('that has expired by the time of the cloud does nothing, whatever the own clock says', async () => {
    const slow: Host = { ...thisHost, now: () => Date.now() - 3_600_000 };
    const { cloud, vehicle, vehicleId } = await scene({ host: slow });
    let done = 0;
    vehicle.commands.handle('doors.unlock', () => {
      done += 1;
      return undefined;
    });
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock', expiresAt: Date.now() - 2000 });
    expect(await until(() => cloud.replies[0])).toMatchObject({ status: 'rejected', reason: 'expired' });
    expect(done).toBe(0);
  });

  test('for a door is refused without trusted time; others are carried out', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const done: string[] = [];
    vehicle.commands.handle('doors.unlock', () => void done.push('doors') as undefined);
    vehicle.commands.handle('climate.start', () => void done.push('climate') as undefined);
    cloud.hub.fate = ({ topic, direction }) => (direction === 'up' && topic.includes('/shadow/') ? 'drop' : 'deliver');
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    cloud.command(vehicleId, { commandId: 'c2', name: 'climate.start' });
    await until(() => cloud.replies.length === 2);
    expect(cloud.replies.find(({ commandId }) => commandId === 'c1')).toMatchObject({
      status: 'rejected',
      reason: 'no-trusted-time',
    });
    expect(cloud.replies.find(({ commandId }) => commandId === 'c2')?.status).toBe('succeeded');
    expect(done).toEqual(['climate']);
  });

  test('for a door waits for the next line where this one breaks over the question for the time', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    vehicle.commands.handle('doors.unlock', () => undefined);
    let cut = false;
    cloud.hub.fate = ({ topic, direction }) => {
      if (cut) return 'deliver';
      cut = topic.endsWith('/commands');
      if (cut) return 'cut-after';
      return direction === 'up' && topic.includes('/shadow/') ? 'drop' : 'deliver';
    };
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    expect(await until(() => cloud.replies[0])).toMatchObject({ commandId: 'c1', status: 'succeeded' });
  });

  test('that the vehicle does not know, cannot read, will not do or cannot do says so', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    vehicle.commands.handle('doors.unlock', () => {
      throw new CommandRejected('in-motion', 'The vehicle is moving.');
    });
    vehicle.commands.handle('charge.start', () => {
      throw new Error('no cable');
    });
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'wings.unfold' });
    cloud.command(vehicleId, { commandId: 'c2', name: 'doors.unlock' });
    cloud.command(vehicleId, { commandId: 'c3', name: 'charge.start' });
    cloud.hub.publish(`vehicles/${vehicleId}/commands`, '{"commandId":"c4"}');
    cloud.hub.publish(`vehicles/${vehicleId}/commands`, '\u0000 no JSON');
    await until(() => cloud.replies.length === 4);
    const said = cloud.replies.map(({ commandId, status, reason }) => `${commandId} ${status} ${reason}`).sort();
    expect(said).toEqual([
      'c1 rejected unknown-command',
      'c2 rejected in-motion',
      'c3 failed execution-failed',
      'c4 rejected invalid-command',
    ]);
  });

  test('keeps its order within a capability', async () => {
    const { cloud, vehicle, vehicleId } = await scene();
    const done: string[] = [];
    vehicle.commands.handle('doors.unlock', async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      done.push('unlock');
      return undefined;
    });
    vehicle.commands.handle('doors.lock', () => void done.push('lock') as undefined);
    await vehicle.connect();
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.unlock' });
    cloud.command(vehicleId, { commandId: 'c2', name: 'doors.lock' });
    await until(() => cloud.replies.length === 2);
    expect(done).toEqual(['unlock', 'lock']);
  });
});
