import { describe, expect, test } from 'vitest';
import { Failure } from '#shared/kernel/failure.ts';
import { firstHome, type Hindrance, homeOf } from '#shared/registry/home.ts';
import { calledBack, patience } from '#shared/registry/move.ts';
import { MoveWorker } from '#shared/registry/move-worker.ts';
import { homeTwin } from '#shared/vehicle-cloud/home-notice.ts';
import { elsewhere, MovingScene } from '../../support/moving-scene.ts';

/** How long somebody may go by where the vehicle was at home: much less than the quiet after a move. */
const mostLag = 8;

/** A vehicle that is used all the time while it moves, there and then back again. */
async function thereAndBack(scene: MovingScene): Promise<number> {
  let deaths = 0;
  let wishes = 0;
  let last = 0;
  const use = async (moments: number) => {
    for (let moment = 0; moment < moments; moment += 1) {
      scene.command(moment % mostLag);
      scene.wish(`w${wishes++}`, (moment * 7) % mostLag);
      // As long as it has not come over: afterwards the wish would be said where it is.
      if (moment < 2) {
        scene.wish('last', 0);
        last = scene.now;
      }
      scene.car.outbox.push(wishes);
      scene.offer += 1;
      scene.say((moment * 3) % 100);
      if (await scene.moment()) deaths += 1;
    }
  };
  await use(5);
  for (const to of [elsewhere, firstHome]) {
    scene.send(to);
    await use(14);
    await scene.end();
  }
  const [first] = scene.clouds;
  const desired = first?.desiredIn('comfort')['deep'];
  expect(desired).toMatchObject({ last });
  expect(Object.keys(desired ?? {})).toHaveLength(wishes + 1);
  expect(scene.readings).toEqual(Array.from({ length: wishes }, (_, place) => place + 1));
  return deaths;
}

function expectNothingLost(scene: MovingScene): void {
  expect(homeOf(scene.vehicle)).toEqual({ name: firstHome, epoch: 2 });
  expect(scene.vehicle.home?.move).toBeUndefined();
  expect(scene.unanswered).toEqual([]);
  expect([...scene.car.done].sort()).toEqual([...scene.commands.keys()].sort());
  const [first, other] = scene.clouds;
  expect(first?.desiredIn('ota')).toEqual({ offer: scene.offer });
  expect(other?.identity).toBeUndefined();
  expect(scene.presence).toMatchObject({ connected: true, epoch: 2 });
}

describe('a vehicle that moves to another device cloud and back, in use all the time', () => {
  test('loses no command, no wish, no reading and nothing that the platform says', async () => {
    const scene = new MovingScene();
    expect(await thereAndBack(scene)).toBe(0);
    expectNothingLost(scene);
  });

  test('loses nothing wherever the worker dies, before or after what it does there', async () => {
    const whole = new MovingScene();
    await thereAndBack(whole);
    const places = whole.fuse.places;
    expect(places).toBeGreaterThan(100);
    for (let place = 0; place < places; place += 1) {
      for (const isAfter of [false, true]) {
        const scene = new MovingScene();
        Object.assign(scene.fuse, { blowsAt: place, isAfter });
        await thereAndBack(scene);
        expectNothingLost(scene);
      }
    }
  });
});

function homeAfter(why: Hindrance) {
  return { name: firstHome, epoch: 0, tried: 1, stayed: { to: elsewhere, at: expect.any(Number), why } };
}

/** A vehicle that has been told where to go, and goes in the next moment. */
async function aboutToGo(): Promise<MovingScene> {
  const scene = new MovingScene();
  await scene.moment();
  scene.send(elsewhere);
  await scene.moment();
  return scene;
}

describe('a vehicle that has just arrived', () => {
  test('is told what the platform had given to its former home’s queue, and what never gets out of it', async () => {
    const scene = await aboutToGo();
    scene.offer = 7;
    scene.say(5 * 3600);
    await scene.end();
    expect(scene.clouds[1]?.desiredIn('ota')).toEqual({ offer: 7 });
  });

  test('gets its commands at once, whatever keeps the rest from following', async () => {
    const scene = await aboutToGo();
    scene.wish('w', 0);
    scene.isParked = true;
    scene.command(0);
    scene.clouds[0]?.identity?.queue.splice(0);
    const [, other] = scene.clouds;
    if (other === undefined) throw new Error('There are two');
    other.desire = () => {
      throw new Error('died');
    };
    scene.isParked = false;
    for (let moments = 0; moments < 4; moments += 1) await scene.moment();
    expect(scene.vehicle.home?.move?.step).toBe('arrived');
    expect(scene.unanswered).toEqual([]);
  });

  test('gets a command that was lost before it listened a few seconds later', async () => {
    const scene = await aboutToGo();
    while (homeOf(scene.vehicle).name !== elsewhere) await scene.moment();
    scene.command(0);
    scene.clouds[1]?.identity?.queue.splice(0);
    expect(await scene.worker.goOn(scene.vehicle.vehicleId)).toBeLessThan(scene.now + 10_000);
    await scene.moment();
    expect(scene.unanswered).toEqual([]);
  });
});

describe('a move that comes to nothing', () => {
  test('is over at its deadline: the vehicle stays, and nothing of it is left in the other device cloud', async () => {
    const scene = new MovingScene();
    await scene.moment();
    // It is told, and is not online to hear it.
    scene.isParked = true;
    scene.send(elsewhere);
    await scene.moment();
    expect(scene.clouds[1]?.identity?.isOpen).toBe(true);
    scene.now += patience;
    await scene.moment();
    expect(scene.vehicle.home).toEqual(homeAfter({ reason: 'timed-out' }));
    expect(scene.clouds[1]?.identity).toBeUndefined();
    expect(scene.clouds[0]?.desiredIn(homeTwin)).toEqual({});
  });

  test('brings back a vehicle that had gone already, with all that it was told and has measured', async () => {
    const scene = new MovingScene();
    await scene.moment();
    scene.send(elsewhere);
    // Told in this moment, gone in the next one, and called back before anybody has heard of its arrival.
    await scene.moment();
    scene.hold = true;
    await scene.moment();
    await scene.moment();
    scene.command(0);
    scene.car.outbox.push(1);
    await scene.moment();
    scene.vehicle = calledBack(scene.vehicle, scene.now);
    scene.hold = false;
    scene.car.outbox.push(2);
    await scene.end();
    expect(homeOf(scene.vehicle)).toEqual({ name: firstHome, epoch: 0 });
    expect(scene.unanswered).toEqual([]);
    expect(scene.readings).toEqual([1, 2]);
    expect(scene.presence).toMatchObject({ connected: true });
    expect(scene.clouds[1]?.identity).toBeUndefined();
  });

  test('is refused where the other device cloud cannot keep what is desired of the vehicle', async () => {
    const scene = new MovingScene();
    scene.wish('w', 0);
    const [, other] = scene.clouds;
    if (other === undefined) throw new Error('There are two');
    other.desire = () => {
      throw new Failure('too-large', 'twin-too-large', 'The twin would become too large.');
    };
    scene.send(elsewhere);
    await scene.moment();
    expect(scene.vehicle.home).toEqual(homeAfter({ reason: 'refused', code: 'twin-too-large' }));
    expect(other.identity).toBeUndefined();
  });

  test('waits while the vehicle must not be disturbed', async () => {
    const scene = new MovingScene();
    scene.obstacle = 'update-installing';
    scene.send(elsewhere);
    await scene.end();
    expect(homeOf(scene.vehicle).name).toBe(firstHome);
    expect(scene.clouds[0]?.desiredIn(homeTwin)).toEqual({});
    scene.obstacle = undefined;
    await scene.end();
    expect(homeOf(scene.vehicle).name).toBe(elsewhere);
  });
});

test('a vehicle that is called back at any moment of the telling is told nothing, and known nowhere else', async () => {
  const whole = await aboutToGo();
  const { places } = whole.fuse;
  expect(places).toBeGreaterThan(5);
  for (let place = 0; place < places; place += 1) {
    const scene = new MovingScene();
    const others = new MoveWorker(scene.workerPorts);
    const { vehicleId } = scene.vehicle;
    scene.fuse.blowsAt = place;
    scene.fuse.meanwhile = () => {
      scene.vehicle = calledBack(scene.vehicle, scene.now);
      return others.goOn(vehicleId);
    };
    scene.isParked = true;
    await scene.moment();
    scene.send(elsewhere);
    await scene.moment();
    await scene.moment();
    expect(scene.vehicle.home).toEqual(homeAfter({ reason: 'called-back' }));
    expect(scene.clouds[1]?.identity).toBeUndefined();
    expect(scene.clouds[0]?.desiredIn(homeTwin)).toEqual({});
  }
});
