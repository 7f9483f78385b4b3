import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { hubOrder } from '../adapters/azure-iot-hub/hub-calls.ts';
import { carryOut, isThrottled } from '../adapters/azure-iot-hub/hub-desk.ts';
import { logger, metrics, observed } from '../observability.ts';
import { inTurn } from '../record-batch.ts';
import { systemClock } from '../wiring/clock.ts';
import { wireHubs } from '../wiring/hubs.ts';

const hubs = wireHubs();

/** What nobody waits for is done at a hub: one after the other, since a hub takes few writes a second. */
export const handler = observed(async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const { heldUp, ...response } = await inTurn(Records, 'messageId', handle, isThrottled);
  if (heldUp) metrics.addMetric('HubsThrottled', 'Count', 1);
  return response;
});

async function handle({ body }: SQSEvent['Records'][number]): Promise<void> {
  const order = hubOrder.parse(JSON.parse(body));
  const outcome = await carryOut(order, hubs, systemClock.now());
  logger.info('hub told', { home: order.home, order: order.kind, vehicleId: order.vehicleId, outcome });
}
