import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { ProvisioningRefused } from '#device-sdk/questions.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import type { Vehicle, VehicleOptions } from '#device-sdk/vehicle.ts';

const cloudFile = z.object({
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  claim: z.object({ certificateFile: z.string(), privateKeyFile: z.string(), templateName: z.string() }),
});

const usage = 'usage: npx tsx <example> [path to cloud.json] VIN [--once]\n';

/**
 * What a vehicle has from its factory, read from the `cloud.json` that a running local cloud writes:
 * where the cloud is, and the claim with which it may introduce itself.
 */
export function factorySettings(): { options: VehicleOptions; once: boolean } {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const [file, vin] = words.length === 1 ? ['.local/cloud.json', words[0]] : words;
  if (file === undefined || vin === undefined) {
    process.stderr.write(usage);
    process.exit(2);
  }
  const { mqtt, claim } = cloudFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const options: VehicleOptions = {
    vin,
    directory: join(dirname(file), 'examples', vin),
    transport: awsIot(mqtt),
    claim: {
      certificatePem: readFileSync(claim.certificateFile, 'utf8'),
      privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
      templateName: claim.templateName,
    },
    log: say,
  };
  return { options, once: process.argv.includes('--once') };
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
    process.stderr.write(
      `The cloud does not let this vehicle in (${error.message}). Is its VIN registered (POST /v1/vehicles), and no ` +
        'other vehicle provisioned under it? The log of the function admit-vehicle says why.\n',
    );
    process.exitCode = 1;
    await leave(vehicle);
  }
}

/** AWS's client would keep the program alive (see `transports/aws-iot.ts`). */
export async function leave(vehicle: Vehicle): Promise<never> {
  await vehicle.close();
  process.exit();
}
