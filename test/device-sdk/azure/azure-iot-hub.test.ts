import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../test-cloud.ts';
import { type HubCloud, openHubCloud } from './hub-cloud.ts';

const codeRequest = z.object({ requestId: z.string() });
let cloud: HubCloud;
beforeAll(async () => {
  cloud = await openHubCloud();
});
afterAll(() => cloud.close());

function call(vehicleId: string, methodName: string, payload: unknown) {
  return cloud.hub.methods.invoke(vehicleId, { methodName, payload, responseTimeout: 25, connectTimeout: 0 });
}

function command(name: string, commandId: string = crypto.randomUUID()) {
  const now = Date.now();
  return { commandId, name, parameters: {}, issuedAt: now, expiresAt: now + 30_000 };
}

function setStatus(vehicleId: string, status: string): void {
  cloud.hub.identities.update({ deviceId: vehicleId, status, authentication: { type: 'certificateAuthority' } });
}

describe('messages', () => {
  test('telemetry goes out on its channel, as the JSON that it is', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    await vehicle.connect();
    vehicle.telemetry.record('Vehicle.Speed', 87.5);
    await vehicle.telemetry.flush();
    expect(cloud.said(vehicleId, 'telemetry')).toMatchObject([{ signals: { 'Vehicle.Speed': [[0, 87.5]] } }]);
    const [record] = [0, 1, 2, 3]
      .flatMap((at) => cloud.hub.feed.read(at, 0))
      .filter((one) => one.deviceId === vehicleId && one.source === 'Telemetry');
    expect(record?.systemProperties).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'utf-8',
      'message-id': expect.any(String),
    });
  });

  test('a command is answered with the reply of its handler, which comes as a message, too', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    vehicle.commands.handle('doors.lock', () => 'The doors are locked.');
    await vehicle.connect();
    const request = command('doors.lock');
    const reply = { commandId: request.commandId, status: 'succeeded', detail: 'The doors are locked.' };
    expect(await call(vehicleId, 'commands', request)).toMatchObject({ status: 200, payload: { reply } });
    await until(() => cloud.said(vehicleId, 'replies').length > 0, 'the reply');
    expect(cloud.said(vehicleId, 'replies')).toMatchObject([reply]);
  });

  test('a command that waited in the queue is carried out once, and the queue is empty', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    let locked = 0;
    const request = command('doors.lock');
    cloud.hub.devicebound.enqueue({
      ...{ deviceId: vehicleId, body: Buffer.from(JSON.stringify(request)), messageId: request.commandId },
      properties: { channel: 'commands' },
    });
    const vehicle = open();
    vehicle.commands.handle('doors.lock', () => {
      locked += 1;
      return undefined;
    });
    await vehicle.connect();
    await until(() => cloud.said(vehicleId, 'replies').length > 0, 'the reply');
    expect(await call(vehicleId, 'commands', request)).toMatchObject({ payload: { reply: { status: 'succeeded' } } });
    expect(locked).toBe(1);
    await until(() => cloud.hub.devicebound.count(vehicleId) === 0, 'an empty queue');
  });

  test('a channel that nobody on board listens to says so', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    await open().connect();
    expect(await call(vehicleId, 'sharing', {})).toMatchObject({ status: 404, payload: { received: false } });
    expect(await call(vehicleId, 'commands', 'no command')).toMatchObject({ status: 200, payload: { received: true } });
  });

  test('a code is asked for by message and shown when it comes by method', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    await vehicle.connect();
    const shown = vehicle.ownership.showCode();
    const { requestId } = await until(() => {
      const [asked] = cloud.said(vehicleId, 'codes');
      return codeRequest.safeParse(asked).data;
    });
    const code = { kind: 'code', requestId, revision: 1, code: '7K3M-9QWX', expiresAt: Date.now() + 60_000 };
    expect(await call(vehicleId, 'claim-code', code)).toMatchObject({ status: 200, payload: { received: true } });
    expect(await shown).toMatchObject({ code: '7K3M-9QWX' });
  });
});

describe('twins', () => {
  test('a wish from before and one of now are obeyed once each, and what is true is reported', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    cloud.desire(vehicleId, { climate: { target: 21 }, stamps: { climate: 1 } });
    const wishes: unknown[] = [];
    const listen = () => {
      const vehicle = open();
      vehicle.twin('climate').onDesired((wish) => {
        wishes.push(wish);
        return wish;
      });
      return vehicle;
    };
    const vehicle = listen();
    await vehicle.connect();
    const reported = () => cloud.hub.twins.get(vehicleId).reported.value['climate'];
    await until(() => reported() !== undefined, 'the report');
    cloud.desire(vehicleId, { climate: { fan: { speed: 2 } }, stamps: { climate: 2 } });
    await until(() => wishes.length === 2, 'the second wish');
    await until(() => JSON.stringify(reported()) === '{"target":21,"fan":{"speed":2}}', 'the second report');
    await vehicle.close();
    const again = listen();
    await again.connect();
    await again.twin('climate').report({ seen: true });
    expect(wishes).toEqual([{ target: 21 }, { fan: { speed: 2 } }]);
  });

  test('what was wished in a tunnel is found behind it', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    const wishes: unknown[] = [];
    vehicle.onAnyTwin((name, wish) => {
      wishes.push([name, wish]);
      return undefined;
    });
    await vehicle.connect();
    cloud.hub.lines.drop(vehicleId, 'a tunnel');
    cloud.desire(vehicleId, { comfort: { seat: 3 }, stamps: { comfort: 1 } });
    await until(() => wishes.length > 0, 'the wish');
    expect(wishes).toEqual([['comfort', { seat: 3 }]]);
  });

  test('a report that the hub refuses is given up, and the ones behind it arrive', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    await vehicle.connect();
    await vehicle.twin('climate').report({ 'a.b': 1 });
    await vehicle.twin('climate').report({ fine: true });
    expect(cloud.hub.twins.get(vehicleId).reported.value).toEqual({ climate: { fine: true } });
    expect(cloud.log.join('\n')).toMatch(/the report was refused, 400 400/);
  });
});

describe('the line', () => {
  test('a vehicle that the hub will not have is denied, comes back when it is let in, and closes while it dials', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    setStatus(vehicleId, 'disabled');
    const vehicle = open();
    const online = vehicle.connect();
    await until(() => cloud.log.some((line) => line.includes('Not authorized')), 'a refusal');
    setStatus(vehicleId, 'enabled');
    await online;
    setStatus(vehicleId, 'disabled');
    await until(() => vehicle.presence.status === 'offline', 'offline');
    await vehicle.close();
  });
});
