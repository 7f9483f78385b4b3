import * as z from 'zod/mini';
import { isVehicleId } from '#shared/registry/vehicle-id.ts';
import { logger, observed } from '../observability.ts';
import { wireFleet } from '../wiring/fleet.ts';
import { wireGate } from '../wiring/gate.ts';

const fleet = wireFleet();
const gate = wireGate();

/** AWS IoT Core, "Lifecycle events". */
const presenceEvent = z.object({
  clientId: z.string(),
  timestamp: z.number(),
  eventType: z.enum(['connected', 'disconnected']),
  sessionIdentifier: z.string(),
  principalIdentifier: z.string(),
  versionNumber: z.number(),
});

/** A vehicle connected, or is gone. One that should not have got in is cut off. */
export const handler = observed(async (event: unknown) => {
  // AWS tells of failed attempts under the same topics; they change nothing.
  const { eventType: kind } = z.object({ eventType: z.string() }).parse(event);
  if (kind !== 'connected' && kind !== 'disconnected') return;
  const { clientId, timestamp, eventType, sessionIdentifier, principalIdentifier, versionNumber } =
    presenceEvent.parse(event);
  // Operators' tools connect too.
  if (!isVehicleId(clientId)) return;
  logger.appendKeys({ vehicleId: clientId });
  const presence = {
    ...{ vehicleId: clientId, kind: eventType, at: timestamp },
    ...{ sessionId: sessionIdentifier, connection: versionNumber, certificateId: principalIdentifier },
  };
  const vehicle = await fleet.observe(presence);
  if (vehicle === undefined) return logger.warn('presence of a vehicle that is not registered');
  if ((await gate.watch(vehicle, presence)) === 'let-in') return;
  logger.warn('vehicle cut off', { status: vehicle.lifeCycle.status, certificateId: principalIdentifier });
});
