import { inventoryReportSchema } from '#shared/registry/inventory.ts';
import { logger, observed } from '../observability.ts';
import { reportIn, ruleMessage } from '../rule-message.ts';
import { wireFleet } from '../wiring/fleet.ts';
import { wireQuarantine } from '../wiring/quarantine.ts';

const fleet = wireFleet();
const quarantine = wireQuarantine();

/** A vehicle says what is installed in it. */
export const handler = observed(async (event: unknown) => {
  const message = ruleMessage(event);
  logger.appendKeys({ vehicleId: message.vehicleId });
  const read = reportIn(message, inventoryReportSchema);
  if (read.kind === 'broken') return quarantine.add({ ...message, reason: `inventory ${read.reason}` });
  const known = await fleet.takeInventory(message.vehicleId, read.report);
  if (!known) await quarantine.add({ ...message, reason: 'inventory of a vehicle that is not registered' });
});
