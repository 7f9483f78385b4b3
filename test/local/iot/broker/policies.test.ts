import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allow, startWorld, type World } from './fixture.ts';
import { connectRaw } from './raw-client.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.broker.close());

// biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
const thing = '${iot:Connection.Thing.ThingName}';
const vehiclePolicy = allow(
  `iot:Connect client/${thing}`,
  `iot:Publish topic/vehicles/${thing}/replies`,
  `iot:Subscribe topicfilter/vehicles/${thing}/commands`,
  `iot:Receive topic/vehicles/${thing}/commands`,
);

async function vehicle(name: string, groupPolicies: readonly string[] = []) {
  const keys = await world.device(vehiclePolicy);
  world.principals.things.set(`${keys.certificateId} ${name}`, { thingName: name, attributes: {}, groupPolicies });
  return keys;
}

describe('a vehicle with the policy of its thing', () => {
  test('uses its own topics and no other', async () => {
    const { client } = await connectRaw(world, await vehicle('veh-1'), { clientId: 'veh-1' });

    expect(await client.subscribe('vehicles/veh-1/commands')).toEqual([1]);
    for (const filter of ['vehicles/veh-2/commands', 'vehicles/+/commands', 'vehicles/#', '#']) {
      expect(await client.subscribe(filter)).toEqual([0x87]);
    }
    client.publish('vehicles/veh-1/replies');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0 });
    client.publish('vehicles/veh-2/replies');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
  });

  test('does not connect under the name of another thing, nor under a name that is none', async () => {
    const keys = await vehicle('veh-1');
    await vehicle('veh-2');

    for (const clientId of ['veh-2', 'veh-3', '*', '']) {
      expect((await connectRaw(world, keys, { clientId })).connack.reasonCode).toBe(0x87);
    }
  });

  test('loses what its thing gave when it is detached, at once', async () => {
    const keys = await vehicle('veh-1');
    const { client } = await connectRaw(world, keys, { clientId: 'veh-1' });

    world.principals.things.delete(`${keys.certificateId} veh-1`);

    client.publish('vehicles/veh-1/replies');
    expect(await client.next('puback')).toMatchObject({ reasonCode: 0x87 });
  });

  test('also has the policies of its groups', async () => {
    const keys = await vehicle('veh-1', [allow('iot:Publish topic/fleet')]);
    const { client } = await connectRaw(world, keys, { clientId: 'veh-1' });

    client.publish('fleet');

    expect(await client.next('puback')).toMatchObject({ reasonCode: 0 });
  });

  test('gets nothing at all when one of its policies is malformed', async () => {
    const keys = await vehicle('veh-1', ['{']);

    expect((await connectRaw(world, keys, { clientId: 'veh-1' })).connack.reasonCode).toBe(0x87);
  });
});

describe('policies see the connection', () => {
  const onlyIf = (condition: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*', Condition: condition },
    });

  test.each<[string, object, number]>([
    ['its address', { IpAddress: { 'aws:SourceIp': '127.0.0.1/32' } }, 0],
    ['its address, elsewhere', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, 0x87],
    ['the name it asked for', { StringEquals: { 'iot:DomainName': 'localhost' } }, 0],
    ['that no thing is attached', { Bool: { 'iot:Connection.Thing.IsAttached': 'false' } }, 0],
    ['its certificate', { StringEquals: { 'iot:Certificate.Subject.CommonName': 'AWS IoT Certificate' } }, 0],
    ['keys in any case', { StringEquals: { 'IOT:clientid': 'c' } }, 0],
    ['that it leaves no will', { 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': [] } }, 0],
  ])('%s', async (_, condition, reason) => {
    const keys = await world.device(onlyIf(condition));

    expect((await connectRaw(world, keys, { clientId: 'c' })).connack.reasonCode).toBe(reason);
  });

  test('that it wants to persist, or leaves a will', async () => {
    const keys = await world.device(
      onlyIf({ 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': ['PersistentConnect'] } }),
    );
    const will = { topic: 'w', payload: Buffer.from('x'), qos: 0, retain: false } as const;
    const answer = async (more: object) =>
      (await connectRaw(world, keys, { clientId: 'c', ...more })).connack.reasonCode;

    expect(await answer({})).toBe(0);
    expect(await answer({ clean: false })).toBe(0);
    expect(await answer({ properties: { sessionExpiryInterval: 60 } })).toBe(0);
    expect(await answer({ will })).toBe(0x87);
  });
});
