import type { Context, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { nothingCounted, type WatchProgress } from '#shared/registry/expiry-watch.ts';
import { logger, metrics, observed } from '../observability.ts';
import { wireExpiryWatch } from '../wiring/expiry-watch.ts';

const { watch, queue } = wireExpiryWatch();

const count = z.object({ vehicles: z.number(), expiring: z.number(), expired: z.number() });
/** From this function itself; what the schedule sends is an event that says nothing, and a new count begins. */
const progressSchema = z.object({ count, from: z.exactOptional(z.string()) });

/** Milliseconds that a page and the message that goes on may still take. */
const reserve = 10_000;

/** Once a day: how many certificates expire? A message that comes twice counts twice, and says the same twice. */
export const handler = observed(async (event: SQSEvent, context: Context) => {
  for (const { body } of event.Records) {
    const begun: WatchProgress = progressSchema.safeParse(JSON.parse(body)).data ?? { count: nothingCounted };
    const reached = await watch.watch(begun, () => context.getRemainingTimeInMillis() > reserve);
    if (reached.from !== undefined) {
      await queue.goOn(reached);
      continue;
    }
    const { vehicles, expiring, expired } = reached.count;
    metrics.addMetric('CertificatesExpiring', 'Count', expiring);
    metrics.addMetric('CertificatesExpired', 'Count', expired);
    logger.info('certificates counted', { vehicles, expiring, expired });
  }
});
