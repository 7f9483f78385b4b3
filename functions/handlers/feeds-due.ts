import { logger, observed } from '../observability.ts';
import { wireFeeds } from '../wiring/feeds.ts';

const feeds = wireFeeds();

/** Each minute: holds are over, zones come into force, and what did not change is still true. */
export const handler = observed(async () => {
  const failed = await feeds.refresh();
  for (const { systemId, error } of failed) {
    logger.warn('feeds not refreshed', { systemId, error: error instanceof Error ? error : new Error(String(error)) });
  }
  if (failed.length > 0) throw new Error(`The feeds of ${failed.length} systems were not refreshed`);
});
