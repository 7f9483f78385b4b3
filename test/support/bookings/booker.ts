import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { isReservationId } from '#shared/sharing/sharing-id.ts';
import { aDriver } from '../booking-samples.ts';
import { sampleOperator } from '../sharing-city.ts';
import { CarelessBookings } from './careless-bookings.ts';
import { CrowdDriver, type HoldAsked } from './crowd-driver.ts';
import { timeOfMachine } from './crowd-scene.ts';
import { CrowdWorld } from './crowd-world.ts';
import { noDisturbances } from './disturbed-table.ts';
import type { Operation } from './history.ts';
import { HistoryFile, HistoryReader } from './history-file.ts';
import { everyKind } from './real-crowd.ts';
import { seeded } from './seeded.ts';

/** What a process of bookers is told when it is started; its people are nobody else's, its cars everybody's. */
const bookerOrder = z.strictObject({
  endpoint: z.string(),
  table: z.string(),
  name: z.string(),
  clients: z.int(),
  cars: z.array(z.string()),
  people: z.array(z.string()),
  /** On the machine's clock. */
  since: z.number(),
  seed: z.int(),
  careless: z.boolean(),
  /** Where its history goes, and where that of the process is in whose place it is. */
  history: z.string(),
  former: z.string().optional(),
});
export type BookerOrder = z.infer<typeof bookerOrder>;

// node booker.mjs <order.json>: people on their phones and the API that serves them, until the parent lets go of it.

const order = bookerOrder.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const { endpoint, table, cars, careless } = order;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const engine = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
const recorder = new HistoryFile(order.history);

const world = new CrowdWorld(
  engine,
  table,
  {
    ...{ clients: order.clients, cars: cars.length, people: order.people.length, operations: 0 },
    // Whoever kills it is outside.
    odds: careless ? noDisturbances : { ...everyKind, killed: 0 },
    random: seeded(order.seed),
    ...(careless && { bookings: (client, name) => new CarelessBookings(client, name) }),
  },
  {
    ...{ cars, recorder, time: timeOfMachine(order.since), isOver: () => !process.connected },
    people: order.people.map((personId) => ({ ...aDriver(), personId })),
  },
);
const open = order.former === undefined ? [] : openHolds(formerOperations(order.former));
const drivers = Array.from({ length: order.clients }, (_, place) => new CrowdDriver(world, `${order.name}-${place}`));
await Promise.all(drivers.map((one, place) => one.run(open.filter((_, index) => index % drivers.length === place))));
while (world.underWay.size > 0) await Promise.all(world.underWay);
engine.destroy();
recorder.close();

/** Phones remember what they were told. */
function formerOperations(file: string): readonly Omit<Operation, 'id'>[] {
  const reader = new HistoryReader(file);
  reader.answered();
  reader.close();
  for (const { operation, outcome, person, car, reservation } of reader.operations) {
    if (operation !== 'hold' || outcome !== 'done' || person === undefined || car === undefined) continue;
    if (reservation !== undefined && isReservationId(reservation)) world.got({ personId: person, car, reservation });
  }
  return reader.operations;
}

function openHolds(operations: readonly Omit<Operation, 'id'>[]): HoldAsked[] {
  return operations.flatMap(({ operation, returnedAt, car, person, key }) => {
    if (operation !== 'hold' || returnedAt !== undefined) return [];
    if (car === undefined || person === undefined || key === undefined) return [];
    return [{ operation, car, person, operator: sampleOperator.operatorId, key }];
  });
}
