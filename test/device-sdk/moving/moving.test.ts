import { isDeepStrictEqual } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Identity } from '#device-sdk/certification.ts';
import { thisHost } from '#device-sdk/host.ts';
import { storedIdentity } from '#device-sdk/identity-memory.ts';
import { HomeMemory } from '#device-sdk/moving/home-memory.ts';
import { RotationMemory } from '#device-sdk/rotation-memory.ts';
import { openStorage } from '#device-sdk/storage.ts';
import type { VehicleOptions } from '#device-sdk/vehicle.ts';
import { closeVehicles, offerOf, onTheRoad } from '../ota/update-cloud.ts';
import { until } from '../test-cloud.ts';
import { noticeOf, secondHub } from './second-hub.ts';
import { TwoHomes } from './two-homes.ts';

/** What a machine that was busy acknowledged late is said again, word for word. */
function saidOnce<Said>(said: readonly Said[]): readonly Said[] {
  return said.filter((one, place) => said.findIndex((other) => isDeepStrictEqual(other, one)) === place);
}

async function atHome(options: Partial<VehicleOptions> = {}) {
  const scene = await TwoHomes.begin();
  const vehicle = await scene.life(options);
  await vehicle.connect();
  return { scene, vehicle, clouds: scene.clouds };
}

describe('a vehicle that is sent to another cloud', () => {
  test('goes there, as who it is, and reports there', async () => {
    const { scene, vehicle, clouds } = await atHome();
    scene.send(1, 1);
    await scene.isIn(1, 1);
    expect(vehicle.home).toEqual({ name: 'elsewhere', epoch: 1 });
    const [before, after] = [scene.calls.at(0)?.client, scene.calls.at(-1)?.client];
    expect(after).toMatchObject({ clientId: scene.vehicleId, endpoint: 'elsewhere.test' });
    expect(after?.certificatePem).toBe(before?.certificatePem);
    vehicle.telemetry.record('Vehicle.TraveledDistance', 7);
    await vehicle.telemetry.flush();
    expect([clouds[0].telemetry, clouds[1].telemetry].map(({ length }) => length)).toEqual([0, 1]);
  });

  test('and is there in its next life, too; and back again', async () => {
    const { scene } = await atHome();
    scene.send(1, 1);
    await scene.isIn(1, 1);
    scene.arrivals.splice(0);
    await (await scene.life()).connect();
    expect(scene.arrivals).toEqual([1]);
    scene.send(0, 2);
    await scene.isIn(0, 2);
    scene.open[1] = false;
    await (await scene.life()).connect();
    expect(scene.vehicle?.home).toEqual({ name: 'first', epoch: 2 });
  });

  test('takes along readings, replies and reports that its former home has not acknowledged', async () => {
    const { scene, vehicle, clouds } = await atHome();
    clouds[0].hub.fate = ({ direction, topic }) =>
      direction === 'up' && /replies|telemetry|comfort\/update/.test(topic) ? new Promise(() => {}) : 'deliver';
    vehicle.telemetry.record('Vehicle.TraveledDistance', 1);
    void vehicle.telemetry.flush();
    scene.command(0, 'c1');
    void vehicle.twin('comfort').report({ window: 'open' });
    await until(() => scene.done.length === 1, 'the command');
    scene.send(1, 1);
    await until(() => clouds[1].replies.length > 0 && clouds[1].telemetry.length > 0, 'what it has to say');
    expect(saidOnce(clouds[1].replies)).toMatchObject([{ commandId: 'c1', status: 'succeeded' }]);
    expect(saidOnce(clouds[1].telemetry)).toHaveLength(1);
    await until(() => JSON.stringify(clouds[1].shadow(scene.vehicleId, 'comfort'))?.includes('open'), 'the report');
    expect([clouds[0].telemetry, clouds[0].replies]).toEqual([[], []]);
  });

  test('obeys once what both of its homes tell it to do', async () => {
    const { scene, clouds } = await atHome();
    scene.command(0, 'c1');
    await until(() => clouds[0].replies.length > 0, 'the reply');
    scene.send(1, 1);
    await scene.isIn(1, 1);
    scene.command(1, 'c1');
    await until(() => clouds[1].replies.length > 0, 'the reply again');
    expect(saidOnce(clouds[1].replies)).toEqual(saidOnce(clouds[0].replies));
    expect(scene.done).toEqual(['c1']);
  });

  test('says there what it is, and makes true what is desired there, whatever numbers its twins have reached', async () => {
    const { scene, vehicle, clouds } = await atHome();
    await vehicle.twin('comfort').report({ seats: 2 });
    for (const heat of [1, 2, 3]) clouds[0].desire(scene.vehicleId, 'comfort', { heat });
    await until(() => scene.set.length > 0 && JSON.stringify(scene.set.at(-1)) === '{"heat":3}', 'the last wish');
    clouds[1].desire(scene.vehicleId, 'comfort', { heat: 4 });
    scene.send(1, 1);
    const there = () => clouds[1].shadow(scene.vehicleId, 'comfort');
    await until(() => JSON.stringify(there())?.includes('"reported":{"seats":2,"heat":4}'), 'convergence');
  });

  test('changes its certificate where it is then, and stays there', async () => {
    const { scene, vehicle, clouds } = await atHome({ host: thisHost });
    scene.send(1, 1);
    await scene.isIn(1, 1);
    const first = vehicle.certificate?.certificateId;
    clouds[1].own.set(scene.vehicleId, [storedIdentity(openStorage(scene.directory))?.certificatePem ?? '']);
    const events: string[] = [];
    vehicle.onCertificate(({ kind }) => events.push(kind));
    clouds[1].desire(scene.vehicleId, 'certificate', {
      replace: first,
      topic: '$aws/provisioning-templates/rotation/provision/json',
    });
    await until(() => vehicle.certificate?.certificateId !== first && events.length > 0, 'another certificate');
    expect(events).toEqual(['changed']);
    await scene.isIn(1, 1);
    scene.arrivals.splice(0);
    await (await scene.life()).connect();
    expect(scene.arrivals).toEqual([1]);
    expect(scene.vehicle?.certificate?.certificateId).not.toBe(first);
  });
});

describe('a vehicle that is not let in where it was sent', () => {
  test('comes back, tries again after a while, and gets there when it may', async () => {
    const { scene } = await atHome();
    scene.send(1, 1);
    scene.open[1] = false;
    await until(() => scene.arrivals.length >= 2, 'its return');
    await scene.isIn(0, 0);
    const tries = () => scene.calls.filter(({ place }) => place === 1).length;
    expect(tries()).toBe(3);
    await until(() => tries() >= 6, 'another attempt');
    scene.open[1] = true;
    await scene.isIn(1, 1);
  });

  test('stays once it is called back, and does not go there in its next life', async () => {
    const { scene } = await atHome();
    scene.send(1, 1);
    scene.open[1] = false;
    await until(() => scene.calls.some(({ place }) => place === 1), 'the attempt');
    scene.takeBack(0);
    await scene.isIn(0, 0);
    await until(() => openStorage(scene.directory).read('move') === undefined, 'nothing to be kept of the move');
    scene.calls.splice(0);
    await (await scene.life()).connect();
    expect(scene.calls.map(({ place }) => place)).toEqual([0]);
  });

  test('finds its former home also where the new one does not answer at all', async () => {
    const scene = await TwoHomes.begin();
    const { hub } = scene.clouds[1];
    const silent = {
      dialect: hub.dialect,
      connect: (...[, events]: Parameters<typeof hub.connect>) => {
        const timer = setInterval(() => events.refused('nobody there', false), 2);
        const never = () => Promise.reject(new Error('not connected'));
        return { publish: never, subscribe: never, close: async () => clearInterval(timer) };
      },
    };
    await (await scene.life({ elsewhere: [silent] })).connect();
    scene.send(1, 1);
    await until(() => scene.arrivals.length >= 2, 'its return');
    await scene.isIn(0, 0);
  });
});

test('a vehicle that is sent away while it installs goes when that is done', async () => {
  const elsewhere = secondHub();
  const road = await onTheRoad(['gateway'], {}, { elsewhere: [elsewhere] });
  onTestFinished(closeVehicles);
  const { updates, cloud, vehicle, vehicleId, ecus } = road;
  const installing: unknown[] = [];
  elsewhere.admits = () => installing.push(vehicle.updates?.isInstalling) > 0;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  for (const ecu of ecus) {
    const seal = ecu.seal.bind(ecu);
    ecu.seal = (...what) => held.then(() => seal(...what));
  }
  updates.offer(vehicleId, offerOf());
  await until(() => vehicle.updates?.available !== undefined, 'the offer');
  vehicle.updates?.accept();
  updates.releaseTo(vehicleId);
  await until(() => vehicle.updates?.isInstalling === true, 'the installation');
  cloud.desire(vehicleId, 'home', noticeOf(vehicleId));
  cloud.command(vehicleId, { commandId: 'c1', name: 'nothing' });
  await until(() => cloud.replies.length > 0, 'what came after the notice');
  expect(vehicle.home).toBeUndefined();
  goOn();
  await until(() => vehicle.home?.epoch === 1 && installing.length > 0, 'its departure');
  expect(installing).toEqual([false]);
  expect(await road.versions()).toBe('2.0.0');
});

test('a former home is kept for fourteen days, and until another life has found the new one', async () => {
  const { scene, vehicle } = await atHome();
  await vehicle.close();
  const storage = openStorage(scene.directory);
  const life = () => new HomeMemory(storage, new RotationMemory(storage));
  const memory = life();
  const [own] = memory.identities();
  if (own === undefined) throw new Error('a vehicle without an identity');
  const target: Identity = { ...own, home: { name: 'elsewhere', epoch: 1, dialect: 'other-iot' } };
  const [now, day] = [Date.now(), 24 * 3_600_000];
  memory.leaving(own, target);
  memory.accepted(target);
  memory.settled(target, now);
  memory.settled(target, now + 14 * day);
  expect(memory.identities()).toEqual([target, own]);
  life().settled(own, now + 14 * day);
  life().settled(target, now + 13 * day);
  expect(life().identities()).toHaveLength(2);
  life().settled(target, now + 14 * day);
  expect(life().identities()).toEqual([target]);
});

describe('a vehicle stays where it is', () => {
  const junk: readonly [string, (notice: Record<string, unknown>) => Record<string, unknown>][] = [
    ['no name', ({ name: _, ...rest }) => rest],
    ['a name that is none', (notice) => ({ ...notice, name: 'Else where' })],
    ['an epoch that is a word', (notice) => ({ ...notice, epoch: '1' })],
    ['an epoch that nobody can count to', (notice) => ({ ...notice, epoch: 2 ** 60 })],
    ['a part of an epoch', (notice) => ({ ...notice, epoch: 1.5 })],
    ['a dialect that nobody speaks', (notice) => ({ ...notice, dialect: 'esperanto' })],
    ['a host with a port', (notice) => ({ ...notice, endpoint: 'elsewhere.test:8883' })],
    ['a host with a scheme', (notice) => ({ ...notice, endpoint: 'mqtts://elsewhere.test' })],
    ['a host with a space', (notice) => ({ ...notice, endpoint: 'elsewhere .test' })],
    ['a host with a path', (notice) => ({ ...notice, endpoint: 'elsewhere.test/mqtt' })],
    ['no host', (notice) => ({ ...notice, endpoint: '' })],
    ['no topics', ({ topics: _, ...rest }) => rest],
    ['half of the topics', (notice) => ({ ...notice, topics: { commandTopic: 'commands' } })],
    ['topics that are a number', (notice) => ({ ...notice, topics: 7 })],
  ];

  test('when it is sent with what cannot be followed, and says so', async () => {
    const { scene } = await atHome();
    for (const [count, [what, spoil]] of junk.entries()) {
      scene.takeBack(0);
      scene.tell(0, spoil(scene.notice(1, 1)));
      const said = () => scene.log.filter((line) => line.includes('a notice of another home')).length > count;
      await until(said, what);
    }
    expect(new Set(scene.calls.map(({ place }) => place))).toEqual(new Set([0]));
    expect(scene.vehicle?.presence.status).toBe('online');
    scene.send(1, 1);
    await scene.isIn(1, 1);
  });

  test('when it is told late, or again, of a home that it has left', async () => {
    const { scene, clouds } = await atHome();
    scene.send(1, 1);
    await scene.isIn(1, 1);
    scene.send(0, 2);
    await scene.isIn(0, 2);
    expect(clouds[0].shadow(scene.vehicleId, 'home')).toMatchObject({ desired: { epoch: 1 } });
    scene.send(1, 2);
    scene.command(0, 'c1');
    await until(() => clouds[0].replies.length > 0, 'the reply');
    expect(scene.vehicle?.home?.epoch).toBe(2);
  });

  test('when nothing on board speaks with the clouds that there are', async () => {
    const { scene } = await atHome();
    const vehicle = await scene.life({ elsewhere: [] });
    await vehicle.connect();
    scene.send(1, 1);
    scene.command(0, 'c1');
    await until(() => scene.clouds[0].replies.length > 0, 'the reply');
    expect(new Set(scene.calls.map(({ place }) => place))).toEqual(new Set([0]));
  });
});
