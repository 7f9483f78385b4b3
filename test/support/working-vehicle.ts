/**
 * A vehicle in a process of its own that works without a pause and writes down what it was told is safe, so that it can
 * be killed at any moment.
 *
 *     node --import tsx test/support/working-vehicle.ts <cloud.json> <directory> <book> <VIN> <life> <began> [--rest]
 *
 * `life` counts its starts, `began` (ms since the Unix epoch) is when the first reading was made; with `--rest` it does
 * nothing new, and tells what it still had to tell. To the message `show-code` it answers with the code on its screen.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';
import { CarBook } from './car-book.ts';

const cloudFile = z.object({
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  claim: z.object({ certificateFile: z.string(), privateKeyFile: z.string(), templateName: z.string() }),
});

const [file = '', directory = '', bookFile = '', vin = '', life = '', began = '', rest] = process.argv.slice(2);
const { mqtt, claim } = cloudFile.parse(JSON.parse(readFileSync(file, 'utf8')));
const book = new CarBook(bookFile);

const vehicle = Vehicle.open({
  ...{ directory, vin },
  transport: awsIot({ ...mqtt, reconnectDelay: { min: 50, max: 500 } }),
  claim: {
    certificatePem: readFileSync(claim.certificateFile, 'utf8'),
    privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
    templateName: claim.templateName,
  },
  telemetry: { flushInterval: 50 },
});
vehicle.commands.handle('doors.lock', async (_, { commandId }) => {
  book.note({ did: 'locked', commandId });
  await pause(100); // the latch moves
  return undefined;
});
book.note({ did: 'opened' });

/** No two readings of all lives have the same value or time; a life takes less than so many turns. */
const first = Number(life) * 20_000;

async function measure(): Promise<void> {
  for (let value = first; ; value += 1) {
    vehicle.telemetry.record('Vehicle.TraveledDistance', value, { at: Number(began) + value });
    book.note({ did: 'measured', value });
    if (value % 5 === 0) await pause(25);
  }
}

async function report(): Promise<void> {
  for (let value = first; ; value += 1) {
    // Of this life alone: a later one would hide what was lost.
    const name = `seat${life}-${value % 20}`;
    await vehicle.twin('comfort').report({ [name]: value });
    book.note({ did: 'reported', name, value });
    await pause(5);
  }
}

async function rotate(): Promise<void> {
  // Whatever comes in between, the vehicle goes on with it by itself.
  await vehicle.rotateCertificate().catch(() => undefined);
  book.note({ did: 'rotated', certificateId: vehicle.certificate?.certificateId ?? 'none' });
}

process.on('message', async () => {
  const shown = await vehicle.ownership.showCode().catch(() => undefined);
  process.send?.({ code: shown?.code });
});

// Without whoever started it, nobody would end it.
process.on('disconnect', () => process.exit());

if (rest === undefined) void Promise.all([measure(), report()]);
await vehicle.connect();
book.note({ did: 'connected' });
if (rest === undefined) {
  await rotate();
} else {
  await vehicle.telemetry.flush();
  await vehicle.twin('comfort').report({ atRest: true });
  book.note({ did: 'told-all' });
}
