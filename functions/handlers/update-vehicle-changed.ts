import type { EventBridgeEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { documentClient } from '../adapters/dynamo/document-client.ts';
import { vehicleIdValue } from '../adapters/dynamo/registry-item.ts';
import { observed } from '../observability.ts';
import { wireRequests } from '../wiring/update-requests.ts';

const requests = wireRequests(documentClient());
const change = z.object({ vehicleId: vehicleIdValue });

/** A vehicle runs other software, or told for the first time what it runs: what it was offered, and what it may join. */
export const handler = observed(async (event: EventBridgeEvent<'VehicleSoftwareChanged', unknown>): Promise<void> => {
  const { vehicleId } = change.parse(event.detail);
  await requests.judge(vehicleId);
  await requests.look(vehicleId, false);
});
