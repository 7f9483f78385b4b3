import { logger, observed } from '../observability.ts';
import { presenceEventIn } from '../presence-event.ts';
import { wireSharingContacts } from '../wiring/sharing-contacts.ts';

const contacts = wireSharingContacts();

/** A line came or is gone: of a shared vehicle that counts for whoever holds it. */
export const handler = observed(async (event: unknown) => {
  const presence = presenceEventIn(event);
  if (presence === undefined) return;
  const seen = await contacts.observe(presence);
  if (seen !== 'not-shared') logger.info('line of a shared vehicle', { vehicleId: presence.vehicleId, seen });
});
