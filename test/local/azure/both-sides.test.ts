import { Agent } from 'node:https';
import type { Client, Twin } from 'azure-iot-device';
import iothub from 'azure-iothub';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { listenForServices, type RestServer } from '#local/azure/rest/rest-server.ts';
import { ServiceApi } from '#local/azure/rest/service-api.ts';
import { type HubScene, hostName, openHubScene, sasDevice } from './hub-scene.ts';
import { pointed } from './service-scene.ts';

let scene: HubScene;
let rest: RestServer;
let agent: Agent;
let registry: iothub.Registry;
let count = 0;
let deviceId: string;

beforeAll(async () => {
  scene = await openHubScene();
  const { hub, authority, log } = scene;
  rest = await listenForServices({ port: 0, server: authority.server, api: new ServiceApi({ hub }), log });
  agent = new Agent({ keepAlive: true, host: '127.0.0.1', port: rest.port, ca: authority.caPem, servername: hostName });
  registry = pointed(iothub.Registry.fromConnectionString(hub.policies.connectionString('iothubowner')), agent);
});
afterAll(async () => {
  agent.destroy();
  await rest.close();
  await scene.close();
});
beforeEach(async () => {
  count += 1;
  deviceId = `veh-${count}`;
  await registry.create({ deviceId });
});

const services = () => scene.hub.policies.connectionString('service');
const twinOf = (client: Client) =>
  new Promise<Twin>((resolve, reject) =>
    client.getTwin((error, twin) => (twin === undefined ? reject(error) : resolve(twin))),
  );
const report = (twin: Twin, said: object) =>
  new Promise<void>((resolve, reject) =>
    twin.properties.reported['update'](said, (error: unknown) => (error ? reject(error) : resolve())),
  );

test('what a service wishes the device hears, and what the device reports the service reads', async () => {
  const twin = await twinOf(await sasDevice(scene, deviceId));
  const heard: unknown[] = [];
  twin.on('properties.desired', (said: unknown) => heard.push(said));
  await vi.waitUntil(() => heard.length === 1);
  await registry.updateTwin(deviceId, { properties: { desired: { climate: { on: true } } } }, '*');
  await vi.waitUntil(() => heard.length === 2);
  expect(heard[1]).toEqual({ climate: { on: true }, $version: 2 });
  await report(twin, { climate: { on: true } });
  const { responseBody } = await registry.getTwin(deviceId);
  expect(responseBody).toMatchObject({
    connectionState: 'Connected',
    properties: { reported: { climate: { on: true } } },
  });
  await expect(report(twin, { 'a.b': 1 })).rejects.toThrow();
});

test('a method of a service, or of a job, is answered by the device', async () => {
  const client = await sasDevice(scene, deviceId);
  const calls: unknown[] = [];
  client.onDeviceMethod('commands', (request, response) => {
    calls.push(request.payload);
    response.send(200, { reply: { done: true } }, () => {});
  });
  const caller = pointed(iothub.Client.fromConnectionString(services()), agent);
  const call = {
    methodName: 'commands',
    payload: { id: 'c-1' },
    responseTimeoutInSeconds: 10,
    connectTimeoutInSeconds: 10,
  };
  const { result } = await caller.invokeDeviceMethod(deviceId, call);
  expect([result, calls]).toEqual([{ status: 200, payload: { reply: { done: true } } }, [{ id: 'c-1' }]]);
  const jobs = pointed(
    iothub.JobClient.fromConnectionString(scene.hub.policies.connectionString('iothubowner')),
    agent,
  );
  await jobs.scheduleDeviceMethod('wake', `deviceId = '${deviceId}'`, call, new Date(), 60);
  await vi.waitUntil(() => calls.length === 2);
  await vi.waitFor(() =>
    expect(scene.hub.jobs.get('wake')).toMatchObject({ deviceJobStatistics: { succeededCount: 1 } }),
  );
});

test('a device that reads its twin too often is told so, and later it goes', async () => {
  const client = await sasDevice(scene, deviceId);
  const twin = await twinOf(client);
  // Ten seconds of reads ahead, so that none is free again before this one comes.
  for (let n = 0; n < 1_100; n += 1) scene.hub.throttle.shape('twinReads');
  await expect(twinOf(client)).rejects.toThrow(/twinReads/);
  onTestFinished(() => scene.clock.runAhead(0));
  scene.clock.runAhead(20_000);
  await expect(twinOf(client)).resolves.toBe(twin);
});

test('a deleted device is cut off and comes in no more', async () => {
  const client = await sasDevice(scene, deviceId);
  await client.open();
  const gone = new Promise((resolve) => client.once('disconnect', resolve));
  await registry.delete(deviceId);
  await gone;
  await expect(client.open()).rejects.toThrow(/Not authorized/);
});

test('a campaign of hours over a leap of the clock reaches everybody, although its time ends with the leap', async () => {
  for (let n = 0; n < 40; n += 1) scene.hub.identities.create({ deviceId: `wave-${n}` });
  const ids = Array.from({ length: 40 }, (_, n) => `'wave-${n}'`).join(', ');
  const wish = {
    jobId: 'wave',
    type: 'scheduleUpdateTwin',
    updateTwin: { tags: { wave: 1 } },
    queryCondition: `deviceId IN [${ids}]`,
  };
  scene.hub.jobs.create({ ...wish, maxExecutionTimeInSeconds: 60 });
  onTestFinished(() => scene.clock.runAhead(0));
  scene.clock.runAhead(3_600_000);
  await vi.waitFor(() => expect(scene.hub.jobs.get('wave')).toMatchObject({ status: 'completed' }));
  expect(scene.hub.jobs.get('wave').deviceJobStatistics).toMatchObject({ succeededCount: 40, failedCount: 0 });
});
