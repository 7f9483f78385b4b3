import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionEvents } from '#device-sdk/transport.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { type BrokerCloud, startBrokerCloud } from '../broker-cloud.ts';
import { temporaryDirectory, until } from '../test-cloud.ts';

let broker: BrokerCloud['broker'];
let cloud: BrokerCloud['cloud'];
let denied: BrokerCloud['denied'];
let endpoint: BrokerCloud['endpoint'];
const open: Vehicle[] = [];

beforeAll(async () => {
  ({ broker, cloud, denied, endpoint } = await startBrokerCloud());
});

afterAll(async () => {
  await Promise.all(open.map((vehicle) => vehicle.close()));
  await broker.close();
});

function newVehicle(vin: string, directory = temporaryDirectory()): Vehicle {
  const transport = awsIot({ ...endpoint, reconnectDelay: { min: 20, max: 100 } });
  const log = (line: string) => cloud.log.push(line);
  const vehicle = Vehicle.open({
    vin,
    directory,
    transport,
    claim: cloud.claim,
    telemetry: { flushInterval: 20 },
    log,
  });
  open.push(vehicle);
  return vehicle;
}

describe("a vehicle on AWS's device SDK", () => {
  test('provisions itself, reports, converges and obeys over MQTT and mutual TLS', async () => {
    const vehicle = newVehicle('WVWZZZE1ZMP000011');
    vehicle.twin('comfort').onDesired((desired) => desired);
    vehicle.commands.handle('doors.lock', () => undefined);
    await vehicle.connect();
    const vehicleId = vehicle.vehicleId ?? '';
    vehicle.telemetry.record('Vehicle.Speed', 50);
    await vehicle.telemetry.flush();
    expect(cloud.telemetry[0]?.signals['Vehicle.Speed']).toEqual([[0, 50]]);
    cloud.desire(vehicleId, 'comfort', { temperature: 21 });
    await until(() => JSON.stringify(cloud.shadow(vehicleId, 'comfort')).includes('reported'));
    cloud.command(vehicleId, { commandId: 'c1', name: 'doors.lock' });
    await until(() => cloud.replies.some(({ commandId, status }) => commandId === 'c1' && status === 'succeeded'));
  });

  test('comes back after a cut, and receives what was sent meanwhile', async () => {
    const vehicle = newVehicle('WVWZZZE1ZMP000012');
    vehicle.commands.handle('doors.lock', () => undefined);
    await vehicle.connect();
    const vehicleId = vehicle.vehicleId ?? '';
    broker.disconnect(vehicleId);
    await until(() => vehicle.presence.status === 'offline');
    cloud.command(vehicleId, { commandId: 'c2', name: 'doors.lock' });
    await until(() => cloud.replies.some(({ commandId, status }) => commandId === 'c2' && status === 'succeeded'));
    expect(vehicle.presence.status).toBe('online');
  });

  test('survives a command without a payload', async () => {
    const vehicle = newVehicle('WVWZZZE1ZMP000016');
    vehicle.commands.handle('doors.lock', () => undefined);
    await vehicle.connect();
    const vehicleId = vehicle.vehicleId ?? '';
    await broker.publish(`vehicles/${vehicleId}/commands`, '', { qos: 1 });
    cloud.command(vehicleId, { commandId: 'c3', name: 'doors.lock' });
    await until(() => cloud.replies.some(({ commandId, status }) => commandId === 'c3' && status === 'succeeded'));
  });

  test('is not lost when the cloud refuses its messages for a while', async () => {
    const vehicle = newVehicle('WVWZZZE1ZMP000013');
    await vehicle.connect();
    const topic = `$aws/rules/fleetloom_test_telemetry/vehicles/${vehicle.vehicleId}/telemetry`;
    denied.add(`iot:Publish topic/${topic}`);
    vehicle.telemetry.record('Vehicle.Speed', 60);
    await until(() => cloud.log.some((line) => line.includes('PUBACK 135')));
    denied.clear();
    broker.disconnect(vehicle.vehicleId ?? '');
    await vehicle.telemetry.flush();
    expect(JSON.stringify(cloud.telemetry)).toContain('[[0,60]]');
  });

  test('goes on trying while it may not connect', async () => {
    const directory = temporaryDirectory();
    const first = newVehicle('WVWZZZE1ZMP000014', directory);
    const { vehicleId } = await first.provision();
    await first.close();
    denied.add(`client/${vehicleId}`);
    const vehicle = newVehicle('WVWZZZE1ZMP000014', directory);
    const online = vehicle.connect();
    await until(() => cloud.log.some((line) => line.startsWith('not connected: ')));
    denied.clear();
    await online;
    expect(vehicle.presence.status).toBe('online');
  });

  test('knows a cloud that refuses it from one that is not there', async () => {
    const said: string[] = [];
    const { certificatePem, privateKeyPem } = cloud.claim;
    const dial = (name: string, port: number) =>
      awsIot({ ...endpoint, port, reconnectDelay: { min: 20, max: 100 } }).connect(
        { clientId: name, certificatePem, privateKeyPem, sessionExpiry: 0 },
        {
          connected: () => said.push(`${name} connected`),
          disconnected: () => {},
          refused: (_, isDenied) => said.push(`${name} ${isDenied ? 'denied' : 'not there'}`),
          message: () => {},
        },
      );
    denied.add('client/unwanted');
    const connections = [dial('unwanted', endpoint.port), dial('lost', 1)];
    await until(() => said.some((one) => one.startsWith('unwanted')) && said.some((one) => one.startsWith('lost')));
    await Promise.all(connections.map((connection) => connection.close()));
    denied.clear();
    expect([...new Set(said)].sort()).toEqual(['lost not there', 'unwanted denied']);
  });

  test('lets nobody wait for the answer to what was on its way when the line was closed', async () => {
    const { certificatePem, privateKeyPem } = cloud.claim;
    const options = { clientId: 'claim-unanswered', certificatePem, privateKeyPem, sessionExpiry: 0 };
    const fates = await new Promise<PromiseSettledResult<void>[]>((resolve) => {
      const events: ConnectionEvents = {
        connected: () => {
          const sent = Array.from({ length: 20 }, () => connection.publish('from/claim-unanswered', 'x'));
          void connection.close();
          void Promise.allSettled([...sent, connection.publish('from/claim-unanswered', 'later')]).then(resolve);
        },
        refused: () => undefined,
        disconnected: () => undefined,
        message: () => undefined,
      };
      const connection = awsIot(endpoint).connect(options, events);
    });
    expect(fates.at(-1)?.status).toBe('rejected');
  });

  test('is gone for the cloud too where it closes as soon as a message has come', async () => {
    const { certificatePem, privateKeyPem } = cloud.claim;
    const names = Array.from({ length: 12 }, (_, number) => `claim-brief-${number}`);
    const closeAtOnce = async (clientId: string) => {
      const closed = new Promise<void>((resolve, reject) => {
        const events: ConnectionEvents = {
          connected: () => void connection.subscribe([`to/${clientId}`]).then(send, reject),
          refused: () => undefined,
          disconnected: () => undefined,
          message: () => queueMicrotask(() => void connection.close().then(resolve, reject)),
        };
        const send = () => void broker.publish(`to/${clientId}`, 'x', { qos: 1 });
        const options = { clientId, certificatePem, privateKeyPem, sessionExpiry: 0 };
        const connection = awsIot(endpoint).connect(options, events);
      });
      await closed;
    };

    await Promise.all(names.map(closeAtOnce));

    expect(broker.connections().filter(({ clientId }) => names.includes(clientId))).toEqual([]);
  });

  test('closes at once, also without a connection', async () => {
    const vehicle = Vehicle.open({
      vin: 'WVWZZZE1ZMP000015',
      directory: temporaryDirectory(),
      transport: awsIot({ ...endpoint, port: 1 }),
      claim: cloud.claim,
    });
    const connecting = vehicle.connect();
    const refused = expect(connecting).rejects.toThrow();
    await vehicle.close();
    await refused;
  });
});
