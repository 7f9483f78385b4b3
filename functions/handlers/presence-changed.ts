import { logger, observed } from '../observability.ts';
import { presenceEventIn } from '../presence-event.ts';
import { wireFleet } from '../wiring/fleet.ts';
import { wireGate } from '../wiring/gate.ts';

const fleet = wireFleet();
const gate = wireGate();

/** A vehicle connected, or is gone. One that should not have got in is cut off. */
export const handler = observed(async (event: unknown) => {
  const presence = presenceEventIn(event);
  if (presence === undefined) return;
  const { vehicleId, certificateId } = presence;
  logger.appendKeys({ vehicleId });
  const vehicle = await fleet.observe(presence);
  if (vehicle === undefined) return logger.warn('presence of a vehicle that is not registered');
  if ((await gate.watch(vehicle, presence)) === 'let-in') return;
  logger.warn('vehicle cut off', { status: vehicle.lifeCycle.status, certificateId });
});
