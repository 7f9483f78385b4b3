import * as z from 'zod/mini';
import type { PresenceEvent } from '#shared/registry/presence.ts';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';

/** AWS IoT Core, "Lifecycle events". */
const lifecycleEvent = z.object({
  clientId: z.string(),
  timestamp: z.number(),
  eventType: z.enum(['connected', 'disconnected']),
  sessionIdentifier: z.string(),
  principalIdentifier: z.string(),
  versionNumber: z.number(),
});

/** What the device cloud says of a vehicle's connection; undefined where it is of nothing that concerns one. */
export function presenceEventIn(event: unknown): PresenceEvent | undefined {
  // AWS tells of failed attempts under the same topics; they change nothing.
  const { eventType: kind } = z.object({ eventType: z.string() }).parse(event);
  if (kind !== 'connected' && kind !== 'disconnected') return undefined;
  const { clientId, timestamp, eventType, sessionIdentifier, principalIdentifier, versionNumber } =
    lifecycleEvent.parse(event);
  // Operators' tools connect too.
  if (!isVehicleId(clientId)) return undefined;
  return {
    ...{ vehicleId: clientId, kind: eventType, at: timestamp },
    ...{ sessionId: sessionIdentifier, connection: versionNumber, certificateId: principalIdentifier },
  };
}
