import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { provisionTopic, ruleNames, vehicleTopics } from '#shared/vehicle-cloud/topics.ts';
import { hostName } from '../../local/azure/hub-scene.ts';
import { type HubCloud, openHubCloud } from '../azure/hub-cloud.ts';
import { type BrokerCloud, startBrokerCloud } from '../broker-cloud.ts';
import { temporaryDirectory, until } from '../test-cloud.ts';

let first: BrokerCloud;
let second: HubCloud;
beforeAll(async () => {
  [first, second] = await Promise.all([startBrokerCloud(), openHubCloud()]);
});
afterAll(() => Promise.all([first.broker.close(), second.close()]));

test('a vehicle goes from AWS IoT to an IoT Hub with the certificate that it has, says it there, and comes back', async () => {
  const { cloud } = first;
  const vehicle = Vehicle.open({
    ...{ directory: temporaryDirectory(), vin: 'WVWZZZE1ZMP000001', claim: cloud.claim },
    transport: awsIot({ ...first.endpoint, reconnectDelay: { min: 5, max: 50 } }),
    ...{ elsewhere: [second.transport], telemetry: { flushInterval: 50 } },
    log: (line) => second.journal.push(line),
  });
  const done: string[] = [];
  vehicle.commands.handle('horn-lights.flash', () => void done.push('flashed'));
  await vehicle.connect();
  const { certificateId = '' } = vehicle.certificate ?? {};
  const vehicleId = vehicle.vehicleId ?? '';
  cloud.command(vehicleId, { commandId: 'c1', name: 'horn-lights.flash' });
  await until(() => cloud.replies.length === 1, 'the reply');

  second.hub.identities.create({
    deviceId: vehicleId,
    authentication: { type: 'selfSigned', x509Thumbprint: { primaryThumbprint: certificateId } },
  });
  second.desire(vehicleId, { climate: { heat: 21 } });
  vehicle.twin('climate').onDesired((desired) => desired);
  const there = { name: 'second', epoch: 1, dialect: 'azure-iot-hub', endpoint: hostName };
  cloud.desire(vehicleId, 'home', there);
  const reported = () => second.hub.twins.get(vehicleId).reported.value;
  await until(() => 'climate' in reported() && 'home' in reported(), 'what it says there');
  expect(vehicle.home).toEqual({ name: 'second', epoch: 1 });
  const certificatePem = expect.stringMatching(/^-----BEGIN CERTIFICATE-----/);
  expect(reported()).toEqual({ climate: { heat: 21 }, home: { certificatePem } });
  vehicle.telemetry.record('Vehicle.Speed', 50);
  await until(() => second.said(vehicleId, 'telemetry').length === 1, 'a reading');

  const back = { name: 'first', epoch: 2, dialect: 'aws-iot', endpoint: 'localhost' };
  const topics = { ...vehicleTopics(vehicleId, ruleNames('test')), rotationTopic: provisionTopic('rotation') };
  second.desire(vehicleId, { home: { ...back, topics } });
  await until(() => vehicle.home?.epoch === 2 && vehicle.presence.status === 'online', 'its return');
  cloud.command(vehicleId, { commandId: 'c1', name: 'horn-lights.flash' });
  await until(() => cloud.replies.length === 2, 'the same reply');
  expect(done).toEqual(['flashed']);
  await vehicle.rotateCertificate();
  expect(vehicle.home).toEqual({ name: 'first', epoch: 2 });
  await vehicle.close();
});
