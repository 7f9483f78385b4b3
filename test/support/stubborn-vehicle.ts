/**
 * A vehicle in a process of its own that takes a command on and then is not done with it, so that it can be
 * killed in between. Says what it does, one line each.
 *
 *     node --import tsx test/support/stubborn-vehicle.ts <file with mqtt and claim of a cloud.json> <directory> <VIN>
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { awsIot } from '#device-sdk/transports/aws-iot.ts';
import { Vehicle } from '#device-sdk/vehicle.ts';

const cloudFile = z.object({
  mqtt: z.object({ host: z.string(), port: z.number(), caFile: z.string() }),
  claim: z.object({ certificateFile: z.string(), privateKeyFile: z.string(), templateName: z.string() }),
});

const [file = '', directory = '', vin = ''] = process.argv.slice(2);
const { mqtt, claim } = cloudFile.parse(JSON.parse(readFileSync(file, 'utf8')));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const vehicle = Vehicle.open({
  ...{ directory, vin },
  transport: awsIot({ ...mqtt, reconnectDelay: { min: 100, max: 1_000 } }),
  claim: {
    certificatePem: readFileSync(claim.certificateFile, 'utf8'),
    privateKeyPem: readFileSync(claim.privateKeyFile, 'utf8'),
    templateName: claim.templateName,
  },
});
vehicle.commands.handle('doors.unlock', () => {
  say('unlocking');
  return new Promise(() => {}); // the latch is stuck
});
await vehicle.connect();
say('online');
