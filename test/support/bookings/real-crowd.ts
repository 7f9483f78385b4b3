import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CrowdDriver } from './crowd-driver.ts';
import { CrowdFleet } from './crowd-fleet.ts';
import { crowdHead, newScene } from './crowd-scene.ts';
import { seenIn } from './crowd-sights.ts';
import { type CrowdOptions, CrowdWorld } from './crowd-world.ts';
import type { History } from './history.ts';
import { HistoryRecorder } from './recorder.ts';
import { imagesOf } from './stream-images.ts';

/** Of all calls to the table: one in seven goes wrong. */
export const everyKind = {
  conflict: 0.04,
  lost: 0.03,
  repeated: 0.03,
  slow: 0.01,
  late: 0.01,
  dropped: 0.02,
  killed: 0.01,
} as const;

/**
 * Many processes over few cars and people, on a table that disturbs them, and what each asked and was answered. In the end
 * the table's stream tells every version that there was, to which the answers must fit.
 */
export async function realCrowd(engine: DynamoDBClient, table: string, options: CrowdOptions): Promise<History> {
  const recorder = new HistoryRecorder(crowdHead);
  const world = new CrowdWorld(engine, table, options, newScene(options, recorder));
  await world.open();
  const drivers = Array.from({ length: options.clients }, (_, place) => new CrowdDriver(world, `c${place}`));
  await Promise.all([...drivers, ...fleetsOf(world)].map((one) => one.run()));
  while (world.underWay.size > 0) await Promise.all(world.underWay);
  for (const image of await imagesOf(engine, table)) recorder.saw('stream', [seenIn(image)]);
  return recorder.history();
}

/** Each has a process that takes in what its cars say. */
export function fleetsOf(world: CrowdWorld): CrowdFleet[] {
  const perFleet = 2;
  return Array.from({ length: Math.ceil(world.cars.length / perFleet) }, (_, place) => {
    return new CrowdFleet(world, world.cars.slice(place * perFleet, (place + 1) * perFleet));
  });
}
