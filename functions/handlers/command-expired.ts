import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { isCommandId } from '#shared/commands/command.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireExpiries } from '../wiring/expiries.ts';

const expiries = wireExpiries();
const reminder = z.object({ vehicleId: z.string(), commandId: z.string() });

/** The time of a command is over: if nobody has answered, nobody will. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', expire),
);

async function expire({ body }: { readonly body: string }): Promise<void> {
  const { vehicleId, commandId } = reminder.parse(JSON.parse(body));
  if (!isVehicleId(vehicleId) || !isCommandId(commandId)) throw new Error('A reminder names no command');
  const result = await expiries.remind(vehicleId, commandId);
  if (result === 'expired') metrics.addMetric('CommandsExpired', 'Count', 1);
}
