import * as z from 'zod/mini';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { logger, observed } from '../observability.ts';
import { wireSharingContacts } from '../wiring/sharing-contacts.ts';

const contacts = wireSharingContacts();

/** AWS IoT Core, "Lifecycle events". */
const presenceEvent = z.object({
  clientId: z.string(),
  timestamp: z.number(),
  eventType: z.enum(['connected', 'disconnected']),
  sessionIdentifier: z.string(),
  principalIdentifier: z.string(),
  versionNumber: z.number(),
});

/** A line came or is gone: of a shared vehicle that counts for whoever holds it. */
export const handler = observed(async (event: unknown) => {
  // AWS tells of failed attempts under the same topics; they change nothing.
  const { eventType: kind } = z.object({ eventType: z.string() }).parse(event);
  if (kind !== 'connected' && kind !== 'disconnected') return;
  const { clientId, timestamp, eventType, sessionIdentifier, principalIdentifier, versionNumber } =
    presenceEvent.parse(event);
  if (!isVehicleId(clientId)) return;
  const seen = await contacts.observe({
    ...{ vehicleId: clientId, kind: eventType, at: timestamp },
    ...{ sessionId: sessionIdentifier, connection: versionNumber, certificateId: principalIdentifier },
  });
  if (seen !== 'not-shared') logger.info('line of a shared vehicle', { vehicleId: clientId, seen });
});
