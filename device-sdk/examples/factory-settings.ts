import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProvisioningRefused } from '#device-sdk/questions.ts';
import type { Vehicle, VehicleOptions } from '#device-sdk/vehicle.ts';

const usage = 'usage: npx tsx <example> [path to cloud.json] VIN [--once] [--azure=<vehicleId>]\n';

const azureId = process.argv.find((word) => word.startsWith('--azure='))?.slice('--azure='.length);
/** Each cloud brings an SDK of its own: only those that there are, are loaded. */
const ofAws = () => import('./aws-factory.ts');
const ofAzure = () => import('./azure-factory.ts');

/**
 * What a vehicle has from its factory, read from the `cloud.json` that a running local cloud writes: where the cloud is,
 * and with what it may introduce itself. With `--azure=<vehicleId>` it is a vehicle of the second cloud, for a brand that
 * is at home there; the plant writes the vehicleId, which `POST /v1/vehicles` has answered with, into its certificate. Where
 * there are two clouds it goes to the other one when it is sent there.
 */
export async function factorySettings(): Promise<{ options: VehicleOptions; once: boolean }> {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const [file, vin] = words.length === 1 ? ['.local/cloud.json', words[0]] : words;
  if (file === undefined || vin === undefined || azureId === '' || process.argv.includes('--azure')) {
    process.stderr.write(usage);
    process.exit(2);
  }
  const cloud = cloudIn(file);
  const { factory } = azureId === undefined ? await ofAws() : await ofAzure();
  const options: VehicleOptions = {
    vin,
    directory: join(dirname(file), 'examples', vin),
    ...factory(cloud, azureId ?? ''),
    ...('azure' in cloud && {
      elsewhere: [(azureId === undefined ? await ofAzure() : await ofAws()).transportOf(cloud)],
    }),
    log: say,
  };
  return { options, once: process.argv.includes('--once') };
}

function cloudIn(file: string) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    process.stderr.write(
      `${file} cannot be read (${error instanceof Error ? error.message : error}): does npm start run?\n`,
    );
    return process.exit(2);
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Connects, or ends the program with what can be done about it. */
export async function goOnline(vehicle: Vehicle): Promise<void> {
  try {
    await vehicle.connect();
  } catch (error) {
    if (!(error instanceof ProvisioningRefused)) throw error;
    process.stderr.write(`The cloud does not let this vehicle in (${error.message}). ${whatToLookAt()}\n`);
    process.exitCode = 1;
    await leave(vehicle);
  }
}

function whatToLookAt(): string {
  return azureId === undefined
    ? 'Is its VIN registered (POST /v1/vehicles), without a `home` in the answer (with one: --azure=<vehicleId>), and no ' +
        'other vehicle provisioned under it? The log of the function admit-vehicle says why.'
    : 'Is its VIN registered (POST /v1/vehicles) under this vehicleId, with this hub as its `home` (without one: no ' +
        '--azure), and not provisioned before? The log of the function events-posted says why.';
}

/** AWS's client would keep the program alive (see `transports/aws-iot.ts`). */
export async function leave(vehicle: Vehicle): Promise<never> {
  await vehicle.close();
  process.exit();
}
