import { expect, test, vi } from 'vitest';
import { openStorage, type Storage } from '#device-sdk/storage.ts';
import { until } from '../test-cloud.ts';
import { TwoHomes } from './two-homes.ts';

const disk = vi.hoisted(() => ({ wrote: (_: string) => {} }));
vi.mock('#device-sdk/storage.ts', async (original) => {
  const real = await original<{ openStorage: typeof openStorage }>();
  const observed = (directory: string): Storage => {
    const storage = real.openStorage(directory);
    return {
      ...storage,
      write(name, value) {
        storage.write(name, value);
        disk.wrote(directory);
      },
      remove(name) {
        storage.remove(name);
        disk.wrote(directory);
      },
    };
  };
  return { ...real, openStorage: observed };
});

interface Remains {
  readonly directory: string;
  /** The cloud that the vehicle comes from may have forgotten it. */
  readonly hasArrived: boolean;
}

/** What stands on the disk before, and after each write of the move until both clouds have seen its end. */
async function writesOf(scene: TwoHomes, to: 0 | 1, epoch: number): Promise<Remains[]> {
  const seen = new Set<string>();
  const remains: Remains[] = [];
  const note = (directory: string) => {
    if (directory !== scene.directory) return;
    const storage = openStorage(directory);
    const key = JSON.stringify(['identity', 'move', 'rotation', 'identity-former'].map((name) => storage.read(name)));
    if (seen.has(key)) return;
    seen.add(key);
    remains.push({ directory: scene.remains(), hasArrived: scene.arrivals.at(-1) === to });
  };
  note(scene.directory);
  disk.wrote = note;
  scene.send(to, epoch);
  await scene.isIn(to, epoch);
  await (await scene.life()).connect();
  // The time since which it is there.
  await until(() => /"since":\d/.test(JSON.stringify(openStorage(scene.directory).read('move'))), 'the last write');
  disk.wrote = () => {};
  return remains;
}

/** A life that begins with what is left finds the one home, and the other, and is not lost when the former forgets it. */
async function livesOn(scene: TwoHomes, { directory, hasArrived }: Remains, to: 0 | 1, epoch: number): Promise<void> {
  const from = to === 0 ? 1 : 0;
  const begin = async () => {
    scene.arrivals.splice(0);
    await (await scene.life()).connect();
  };
  scene.directory = directory;
  const spare = scene.remains();
  [scene.open[from], scene.open[to]] = [true, false];
  await begin();
  await scene.isIn(from, epoch - 1);
  scene.open[to] = true;
  await scene.isIn(to, epoch);
  scene.open[from] = false;
  await begin();
  expect(scene.arrivals).toEqual([to]);
  if (!hasArrived) return;
  await scene.vehicle?.close();
  scene.directory = spare;
  await begin();
  expect(scene.arrivals).toEqual([to]);
}

test('whatever write of a move there and back is the last, the vehicle finds either home, and goes where it was sent', async () => {
  const scene = await TwoHomes.begin();
  await (await scene.life()).connect();
  const there = await writesOf(scene, 1, 1);
  // Nothing, where it goes, that it is there, since when.
  expect(there.length).toBeGreaterThanOrEqual(4);
  const { directory } = scene;
  for (const remains of there) await livesOn(scene, remains, 1, 1);
  scene.directory = directory;
  [scene.open[0], scene.open[1]] = [false, true];
  scene.arrivals.splice(0);
  await (await scene.life()).connect();
  scene.takeBack(0);
  const back = await writesOf(scene, 0, 2);
  expect(back.length).toBeGreaterThanOrEqual(4);
  for (const remains of back) await livesOn(scene, remains, 0, 2);
});
