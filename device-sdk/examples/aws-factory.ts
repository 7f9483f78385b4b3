import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Transport } from '#device-sdk/transport.ts';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import type { VehicleOptions } from '#device-sdk/vehicle.ts';

const cloudFile = z.object({
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  claim: z.object({ certificateFile: z.string(), privateKeyFile: z.string(), templateName: z.string() }),
});

/** A vehicle of AWS IoT Core introduces itself with the claim of its factory. @param cloud what `cloud.json` holds */
export function factory(cloud: unknown): Pick<VehicleOptions, 'transport' | 'claim'> {
  const { claim } = cloudFile.parse(cloud);
  return {
    transport: transportOf(cloud),
    claim: {
      certificatePem: readFileSync(claim.certificateFile, 'utf8'),
      privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
      templateName: claim.templateName,
    },
  };
}

/** For a vehicle that may be sent here. @param cloud what `cloud.json` holds */
export function transportOf(cloud: unknown): Transport {
  return awsIot(cloudFile.parse(cloud).mqtt);
}
