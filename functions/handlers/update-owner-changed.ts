import type { EventBridgeEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { logger, observed } from '../observability.ts';
import { wireConsents } from '../wiring/update-reports.ts';

const updates = wireConsents();
const change = z.object({ vehicleId: vehicleIdValue, at: z.number() });

/** A vehicle has another owner, or none: what the former one consented to binds nobody. */
export const handler = observed(async (event: EventBridgeEvent<'OwnerChanged', unknown>): Promise<void> => {
  const { vehicleId, at } = change.parse(event.detail);
  logger.info('consents void', { vehicleId });
  await updates.ownerChanged(vehicleId, at);
});
