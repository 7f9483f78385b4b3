import { DynamoBookingRepository } from '#functions/adapters/dynamo/bookings.ts';
import { documentClient } from '#functions/adapters/dynamo/document-client.ts';
import { DynamoPaymentBooks } from '#functions/adapters/dynamo/sandbox-payments.ts';
import { DynamoTripLog } from '#functions/adapters/dynamo/trip-log.ts';
import { DynamoTripRepository } from '#functions/adapters/dynamo/trips.ts';
import { newTable, startDynoxide } from '../contract/engines.ts';
import { CarLog, minute, noon, TripScene } from '../support/trip-scene.ts';
import { CallMeter } from './booking-metered.ts';
import type { Figure } from './figure.ts';

/**
 * The write units of one trip with a pause, from the hold to the money: the two items of the booking, the log, the trip and
 * the provider's ledger. What searches and subscribers are shown of it is not in here.
 */
export async function tripFigures(): Promise<readonly Figure[]> {
  const engine = await startDynoxide();
  try {
    const client = documentClient(engine.client);
    const table = await newTable(engine.client, 'trips');
    const scene = await new TripScene({
      bookings: new DynamoBookingRepository(client, await newTable(engine.client)),
      trips: new DynamoTripRepository(client, table),
      log: new DynamoTripLog(client, table),
      books: new DynamoPaymentBooks(client, table),
    }).open();
    await scene.read();
    return await figures(scene, new CallMeter(engine.client));
  } finally {
    await engine.stop();
  }
}

async function figures(scene: TripScene, meter: CallMeter): Promise<readonly Figure[]> {
  const driver = await scene.driver();
  const car = new CarLog(scene.vehicleId);
  const units: Figure[] = [];
  const step = async (name: string, work: () => Promise<unknown>) => {
    const { writeUnits } = await meter.during(work);
    units.push({ name: `trip-write-units-${name}`, value: writeUnits, unit: 'WU' });
  };
  let use = { fence: 1, reservationId: '' };
  await step('hold', async () => {
    const reservationId = await scene.hold(driver);
    use = { fence: 1, reservationId };
  });
  const held = (await scene.vehicle()).assignment?.reservationId;
  if (held === undefined) throw new Error('nothing is held');
  await step('record', () => scene.read());
  await step('key', () => scene.key(driver, held));
  await step('log', async () => {
    for (const [place, kind] of (['started', 'paused', 'resumed', 'ended'] as const).entries()) {
      car.drive(900);
      await scene.take(car.line(use, kind, noon + place * 5 * minute));
    }
  });
  await step('settled', () => scene.rest());
  const { state } = await scene.trip(1);
  if (state.status !== 'settled') throw new Error(`The trip is ${state.status}`);
  const all = units.reduce((sum, { value }) => sum + value, 0);
  return [...units, { name: 'trip-write-units', value: all, unit: 'WU' }];
}
