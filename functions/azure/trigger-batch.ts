import * as z from 'zod/mini';
import type { HubEvent } from './hub-event.ts';

/** A property that is not there for any event of a batch is `null` or absent, by the version of the host's extension. */
const rows = z.array(z.record(z.string(), z.unknown()));

/** "Azure Event Hubs trigger": what the host tells beside the bytes of a batch, each a list of the batch's length. */
const metadata = z.object({
  partitionContext: z.object({ partitionId: z.string() }),
  sequenceNumberArray: z.array(z.number()),
  enqueuedTimeUtcArray: z.array(z.string()),
  propertiesArray: rows,
  systemPropertiesArray: rows,
});

/**
 * A batch of one partition as the host hands it over.
 *
 * @throws Error where the host speaks in another way than it is documented to: nothing is taken then, and nothing lost
 */
export function hubEvents(bodies: readonly unknown[], triggerMetadata: unknown): readonly HubEvent[] {
  const told = metadata.parse(triggerMetadata);
  return bodies.map((body, index) => {
    if (!(body instanceof Uint8Array)) throw new Error('The host has not left the bytes of an event as they are');
    const sequence = told.sequenceNumberArray[index];
    const enqueuedAt = instant(
      told.systemPropertiesArray[index]?.['iothub-enqueuedtime'],
      told.enqueuedTimeUtcArray[index],
    );
    if (sequence === undefined || enqueuedAt === undefined) {
      throw new Error('The host has not told the number and the time of each event');
    }
    return {
      ...{ partition: told.partitionContext.partitionId, sequence, enqueuedAt, body },
      properties: told.propertiesArray[index] ?? {},
      systemProperties: told.systemPropertiesArray[index] ?? {},
    };
  });
}

/** The first of these that is a time; one without a zone is in UTC, as the names say. */
function instant(...texts: readonly unknown[]): number | undefined {
  return texts
    .filter((text) => typeof text === 'string')
    .map((text) => Date.parse(/Z|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`))
    .find((time) => Number.isSafeInteger(time) && time >= 0);
}
