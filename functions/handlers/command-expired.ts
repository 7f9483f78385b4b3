import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { isCommandId } from '#shared/commands/command.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { metrics, observed } from '../observability.ts';
import { perRecord } from '../record-batch.ts';
import { wireReplies } from '../wiring/replies.ts';

const replies = wireReplies();
const reminder = z.object({ vehicleId: z.string(), commandId: z.string() });

/** The time of a command is over: if nobody has answered, nobody will. */
export const handler = observed(
  (event: SQSEvent): Promise<SQSBatchResponse> => perRecord(event.Records, 'messageId', expire),
);

async function expire({ body }: { readonly body: string }): Promise<void> {
  const { vehicleId, commandId } = reminder.parse(JSON.parse(body));
  if (!isVehicleId(vehicleId) || !isCommandId(commandId)) throw new Error('A reminder names no command');
  const result = await replies.expire(vehicleId, commandId);
  if (result === 'expired') metrics.addMetric('CommandsExpired', 'Count', 1);
  // The queue was early, or our clock is late: the message comes again when its visibility ends.
  if (result === 'not-yet') throw new Error('The command has not expired yet');
}
