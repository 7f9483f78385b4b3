import * as z from 'zod/mini';
import { type HomeName, isHomeName } from '#shared/registry/home.ts';
import type { PresenceEvent } from '#shared/registry/presence.ts';
import { isVehicleId, type VehicleId } from '#shared/registry/vehicle-id.ts';

/** AWS IoT Core, "Lifecycle events". */
const lifecycleEvent = z.object({
  clientId: z.string(),
  timestamp: z.number(),
  eventType: z.enum(['connected', 'disconnected']),
  sessionIdentifier: z.string(),
  principalIdentifier: z.string(),
  versionNumber: z.number(),
});

/** What another home says, in the form in which it is handed over. */
export const homePresenceEvent = z.object({
  vehicleId: z.custom<VehicleId>((value) => typeof value === 'string' && isVehicleId(value)),
  kind: z.enum(['connected', 'disconnected']),
  at: z.int(),
  home: z.object({
    name: z.custom<HomeName>((value) => typeof value === 'string' && isHomeName(value)),
    epoch: z.int(),
  }),
  sequence: z.string(),
});

/** What a device cloud says of a vehicle's connection; undefined where it is of nothing that concerns one. */
export function presenceEventIn(event: unknown): PresenceEvent | undefined {
  const { eventType: kind } = z.object({ eventType: z.optional(z.string()) }).parse(event);
  if (kind === undefined) return homePresenceEvent.parse(event);
  // AWS tells of failed attempts under the same topics; they change nothing.
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
