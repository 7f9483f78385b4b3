import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { SdkMqtt } from '#device-sdk/azure/sdk-mqtt.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { reconnectPause, usualDelay } from '#device-sdk/reconnect-delay.ts';
import { openStorage } from '#device-sdk/storage.ts';
import { type Connection, type ConnectionEvents, Denied } from '#device-sdk/transport.ts';
import { azureIotHub } from '#device-sdk/transports/azure-iot-hub.ts';
import { drive, readingsOf, startOf } from '#local/simulator/drive.ts';
import { vehicleCertificate } from '../../local/azure/hub-scene.ts';
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

function queued(deviceId: string) {
  return { deviceId, properties: { channel: 'commands' } };
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

  test('an hour of driving makes no message that a hub counts twice', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    let state = startOf('WAUZZZ00000000001');
    for (let second = 0; second < 3_600; second += 5) {
      state = drive(state, 5);
      const at = Date.now() - (3_600 - second) * 1000;
      for (const [path, value] of Object.entries(readingsOf(state))) vehicle.telemetry.record(path, value, { at });
    }
    await vehicle.connect();
    await vehicle.telemetry.flush();
    const messages = cloud.said(vehicleId, 'telemetry');
    expect(messages.length).toBeGreaterThan(20);
    expect(cloud.hub.metering.messages(vehicleId).telemetry).toBe(messages.length);
    const sizes = messages.map((message) => JSON.stringify(message).length);
    expect(sizes.filter((size) => size > 3_700).length).toBeGreaterThan(messages.length - 3);
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
      ...queued(vehicleId),
      ...{ body: Buffer.from(JSON.stringify(request)), messageId: request.commandId },
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

  test('a command that takes long is answered as received, and its reply comes as a message', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    const vehicle = open();
    let finish = (_detail: string) => {};
    const begun = new Promise<void>((begin) => {
      vehicle.commands.handle('climate.start', () => {
        begin();
        return new Promise<string>((end) => {
          finish = end;
        });
      });
    });
    await vehicle.connect();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const answer = call(vehicleId, 'commands', command('climate.start'));
    await begun;
    vi.advanceTimersByTime(20_000);
    expect(await answer).toMatchObject({ status: 202, payload: { received: true } });
    vi.useRealTimers();
    finish('It is warm.');
    await until(() => cloud.said(vehicleId, 'replies').length > 0, 'the reply');
    expect(cloud.said(vehicleId, 'replies')).toMatchObject([{ status: 'succeeded', detail: 'It is warm.' }]);
  });

  test('what opens a door is judged by the time of the hub, and not by the clock on board', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    cloud.clock.runAhead(3_600_000);
    onTestFinished(() => cloud.clock.runAhead(0));
    const vehicle = open();
    vehicle.commands.handle('doors.unlock', () => undefined);
    await vehicle.connect();
    const stale = await call(vehicleId, 'commands', command('doors.unlock'));
    expect(stale).toMatchObject({ payload: { reply: { status: 'rejected', reason: 'expired' } } });
    expect(Math.abs(vehicle.now() - cloud.clock.now())).toBeLessThan(5000);
  });

  test('a channel that nobody on board listens to says so', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    await open().connect();
    expect(await call(vehicleId, 'sharing', {})).toMatchObject({ status: 404, payload: { received: false } });
    expect(await call(vehicleId, 'commands', 'no command')).toMatchObject({
      status: 400,
      payload: { received: false },
    });
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
    expect(cloud.journal.join('\n')).toMatch(/the report was refused, 400 400/);
  });
});

test('with every message delivered twice, each wish and each command is obeyed once', async () => {
  const { vehicleId, open } = await cloud.newVehicle();
  const vehicle = open();
  const done: string[] = [];
  vehicle.twin('climate').onDesired((wish) => {
    done.push(JSON.stringify(wish));
    return wish;
  });
  vehicle.commands.handle('doors.lock', ({ by }) => {
    done.push(`locked by ${by}`);
    return undefined;
  });
  cloud.faults.plan({ kind: 'duplicate', hop: 'mqtt' });
  onTestFinished(() => cloud.faults.endAll());
  await vehicle.connect();
  cloud.desire(vehicleId, { climate: { target: 21 }, stamps: { climate: 1 } });
  await until(() => done.length === 1, 'the wish');
  await call(vehicleId, 'commands', { ...command('doors.lock'), parameters: { by: 'method' } });
  const request = { ...command('doors.lock'), parameters: { by: 'queue' } };
  cloud.hub.devicebound.enqueue({ ...queued(vehicleId), body: Buffer.from(JSON.stringify(request)) });
  await until(() => cloud.hub.devicebound.count(vehicleId) === 0 && done.length >= 3, 'both commands');
  await vehicle.twin('climate').report({ end: true });
  expect(done).toEqual(['{"target":21}', 'locked by method', 'locked by queue']);
  expect(cloud.hub.twins.get(vehicleId).reported.value['climate']).toEqual({ target: 21, end: true });
});

describe('a line that breaks', () => {
  for (const when of ['before', 'after'] as const) {
    test(`costs no report, ${when} the hub has taken it`, async () => {
      const { vehicleId, open } = await cloud.newVehicle();
      const vehicle = open();
      await vehicle.connect();
      const label = '$iothub/twin/PATCH/properties/reported/*';
      cloud.faults.plan({ kind: 'cut', hop: 'mqtt', label, when, times: 1 });
      onTestFinished(() => cloud.faults.endAll());
      await vehicle.twin('climate').report({ set: 21 });
      await vehicle.twin('climate').report({ fan: 2 });
      const reported = () => cloud.hub.twins.get(vehicleId).reported.value['climate'];
      await until(() => JSON.stringify(reported()) === '{"set":21,"fan":2}', 'both reports');
    });
  }
});

describe('the line', () => {
  /** The transport alone, as whoever stands above it sees it. */
  async function line(heard: ConnectionEvents['message'] = () => {}) {
    const { vehicleId, directory } = await cloud.newVehicle();
    const identity = storedIdentity(openStorage(directory));
    if (identity === undefined) throw new Error('no identity');
    let lost = 0;
    const connection = await new Promise<Connection>((resolve, reject) => {
      const connecting = cloud.transport.connect(
        { ...identity, clientId: vehicleId, sessionExpiry: 0 },
        {
          connected: () => setImmediate(() => resolve(connecting)),
          disconnected: () => {
            lost += 1;
          },
          refused: (reason) => reject(new Error(reason)),
          message: heard,
        },
      );
    });
    onTestFinished(() => connection.close());
    return { vehicleId, connection, lost: () => lost };
  }

  test('a message of the queue is completed after it was taken, and what it made the vehicle say went first', async () => {
    const counts: number[] = [];
    const { vehicleId, connection } = await line((topic) => {
      if (topic === 'commands') void connection.publish('replies', '{}');
    });
    const stop = cloud.hub.feed.appended.add(({ deviceId, source }) => {
      if (deviceId === vehicleId && source === 'Telemetry') counts.push(cloud.hub.devicebound.count(vehicleId));
    });
    onTestFinished(() => void stop());
    cloud.hub.devicebound.enqueue({ ...queued(vehicleId), body: Buffer.from('{}') });
    await connection.subscribe(['commands']);
    await until(() => counts.length > 0, 'the message');
    expect(counts).toEqual([1]);
    await until(() => cloud.hub.devicebound.count(vehicleId) === 0, 'an empty queue');
  });

  test('what is under way when it is closed, or breaks, fails', async () => {
    const { vehicleId, connection, lost } = await line();
    const dropped = cloud.faults.plan({ kind: 'drop', hop: 'mqtt', label: `devices/${vehicleId}/*` });
    const cut = connection.publish('telemetry', '{}');
    cut.catch(() => {});
    await connection.subscribe(['commands']);
    cloud.hub.lines.drop(vehicleId, 'a tunnel');
    await expect(cut).rejects.toThrow('the line broke');
    expect(lost()).toBe(1);
    const again = await line();
    cloud.faults.end(dropped);
    cloud.faults.plan({ kind: 'drop', hop: 'mqtt', label: `devices/${again.vehicleId}/*` });
    const closed = again.connection.publish('telemetry', '{}');
    closed.catch(() => {});
    await again.connection.close();
    await expect(closed).rejects.toThrow('the connection was closed');
    await expect(again.connection.publish('telemetry', '{}')).rejects.toThrow('not connected');
    cloud.faults.endAll();
  });

  test('a hub that takes calls and says nothing is let go at once', async () => {
    const mute = createServer();
    await new Promise<void>((ready) => mute.listen(0, '127.0.0.1', ready));
    onTestFinished(() => void mute.close());
    const called = once(mute, 'connection');
    const port = z.object({ port: z.number() }).parse(mute.address()).port;
    const transport = azureIotHub({ hub: 'mute', gateway: { host: '127.0.0.1', mqttPort: port, httpsPort: port } });
    const refusals: string[] = [];
    const { cert, key } = await vehicleCertificate(cloud, 'veh-mute');
    const connection = transport.connect(
      { clientId: 'veh-mute', certificatePem: cert, privateKeyPem: key, sessionExpiry: 0 },
      {
        ...{ connected: () => {}, disconnected: () => {}, message: () => {} },
        refused: (reason) => refusals.push(reason),
      },
    );
    const [socket] = await called;
    const begun = performance.now();
    await connection.close();
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(refusals).toEqual([]);
    socket.destroy();
  });

  test('pauses are drawn from a range that doubles up to its bound', () => {
    const most = [0, 1, 2, 6, 7, 1000].map((failures) => reconnectPause(failures, 1, usualDelay));
    expect(most).toEqual([500, 1000, 2000, 32_000, 60_000, 60_000]);
    expect(reconnectPause(7, 0.25, usualDelay)).toBe(15_000);
  });

  test('a message that is too large is refused for good', async () => {
    const { connection } = await line();
    await expect(connection.publish('telemetry', 'x'.repeat(300_000))).rejects.toThrow(Denied);
  });

  test('what nobody can read brings nothing down', () => {
    const said: string[] = [];
    const { base } = new SdkMqtt({ keepAlive: 60, log: (text) => said.push(text) });
    base.on('message', (_, payload: string) => JSON.parse(payload));
    expect(base.emit('message', '$iothub/twin/res/200/?$rid=1', 'no JSON')).toBe(true);
    expect(said).toEqual([expect.stringContaining('nobody can read')]);
  });

  test('a vehicle that the hub will not have is denied, comes back when it is let in, and closes while it dials', async () => {
    const { vehicleId, open } = await cloud.newVehicle();
    setStatus(vehicleId, 'disabled');
    const vehicle = open();
    const online = vehicle.connect();
    await until(() => cloud.journal.some((line) => line.includes('Not authorized')), 'a refusal');
    setStatus(vehicleId, 'enabled');
    await online;
    setStatus(vehicleId, 'disabled');
    await until(() => vehicle.presence.status === 'offline', 'offline');
    await vehicle.close();
  });
});

test('a vehicle of another cloud loads nothing of this one', async () => {
  const at = (path: string) => fileURLToPath(new URL(`../../../device-sdk/${path}`, import.meta.url));
  const { metafile } = await build({
    entryPoints: [at('vehicle.ts'), at('transports/aws-iot.ts')],
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', packages: 'external', outdir: 'none' },
    ...{ write: false, metafile: true },
  });
  const loaded = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(loaded.filter((path) => path.includes('azure'))).toEqual([]);
  expect(loaded).toContain('aws-iot-device-sdk-v2');
});
